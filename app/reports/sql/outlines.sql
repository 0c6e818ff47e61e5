-- Where do the areas of level :level lie (a district, a street, a community, or a cell)?
-- As GeoJSON (EPSG:4490) for maps on screens, as SVG paths (web Mercator, y downwards) for paper.
-- Leans on uq_areas_code and the key of cells.
SELECT code, name, ST_AsGeoJSON(geom, 6) AS geojson,
       ST_AsSVG(ST_Transform(geom, 3857), 0, 0) AS path,
       ST_XMin(e) AS west, -ST_YMax(e) AS north, ST_XMax(e) AS east, -ST_YMin(e) AS south,
       ST_X(m) AS x, -ST_Y(m) AS y
FROM (SELECT code, name, geom, Box2D(ST_Transform(geom, 3857)) AS e,
             ST_Transform(ST_PointOnSurface(geom), 3857) AS m
      FROM (SELECT code, name, geom FROM areas WHERE level = :level AND code IS NOT NULL
            UNION ALL
            SELECT code, code, geom FROM cells WHERE :level = 'cell' AND ended_on IS NULL) x) y
ORDER BY code
LIMIT 30000
