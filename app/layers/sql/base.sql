-- The base map of a tile: one vector layer a kind of feature, small things left out from afar.
-- A building's name is a point in the one tile that holds it: a name a tile would repeat it.
-- Leans on ix_base_features_geom3857.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, CAST(:z AS integer) AS z,
           40075016.7 / (2 ^ CAST(:z AS integer)) / 256 AS pixel),
near AS MATERIALIZED (
    SELECT f.layer, f.cls AS class, f.name, f.tags, f.geom3857
    FROM tile JOIN base_features f ON f.geom3857 && tile.box
    WHERE CASE f.layer
              WHEN 'building' THEN tile.z >= 15
              WHEN 'road' THEN tile.z >= 14 OR f.cls = 'trunk' OR f.cls = 'street' AND tile.z >= 12
              WHEN 'path' THEN tile.z >= 15
              WHEN 'rail' THEN tile.z >= 12
              WHEN 'place' THEN f.cls = 'district' OR tile.z >= 12
              WHEN 'poi' THEN CASE WHEN f.cls IN ('station', 'hospital', 'school', 'government')
                                   THEN tile.z >= 15 WHEN f.cls IN ('bus', 'entrance', 'address')
                                   THEN tile.z >= 17 ELSE tile.z >= 16 END
              ELSE ST_XMax(f.geom3857) - ST_XMin(f.geom3857) > 2 * tile.pixel END),
cut AS (
    SELECT layer, class, name, ST_AsMVTGeom(geom3857, tile.box, 4096, 64, true) AS geom
    FROM tile, near WHERE layer <> 'poi'),
points AS (
    SELECT class, coalesce(nullif(name, ''), tags ->> 'addr:housenumber', '') AS name,
           ST_AsMVTGeom(geom3857, tile.box, 4096, 64, true) AS geom
    FROM tile, near WHERE layer = 'poi'
    UNION ALL
    SELECT 'building', name, ST_AsMVTGeom(ST_Centroid(geom3857), tile.box, 4096, 0, true)
    FROM tile, near WHERE layer = 'building' AND name <> '' AND tile.z >= 16
        AND ST_Intersects(ST_Centroid(geom3857), tile.box))
SELECT string_agg(layer, ''::bytea) FROM (
    SELECT ST_AsMVT(n, 'water', 4096, 'geom')
    FROM (SELECT geom, name, class FROM cut WHERE layer = 'water') n
    UNION ALL
    SELECT ST_AsMVT(n, 'green', 4096, 'geom')
    FROM (SELECT geom, name, class FROM cut WHERE layer = 'green') n
    UNION ALL
    SELECT ST_AsMVT(n, 'building', 4096, 'geom')
    FROM (SELECT geom FROM cut WHERE layer = 'building') n
    UNION ALL
    SELECT ST_AsMVT(n, 'path', 4096, 'geom') FROM (SELECT geom FROM cut WHERE layer = 'path') n
    UNION ALL
    SELECT ST_AsMVT(n, 'rail', 4096, 'geom')
    FROM (SELECT geom, class FROM cut WHERE layer = 'rail') n
    UNION ALL
    SELECT ST_AsMVT(n, 'road', 4096, 'geom')
    FROM (SELECT geom, name, class FROM cut WHERE layer = 'road') n
    UNION ALL
    SELECT ST_AsMVT(n, 'place', 4096, 'geom')
    FROM (SELECT geom, name, class AS level FROM cut WHERE layer = 'place') n
    UNION ALL
    SELECT ST_AsMVT(n, 'poi', 4096, 'geom')
    FROM (SELECT geom, name, class FROM points WHERE geom IS NOT NULL) n
) AS tiles (layer)
