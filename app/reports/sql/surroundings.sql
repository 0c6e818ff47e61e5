-- What lies around the case :case, within :reach units of the web Mercator, as SVG paths about it?
-- Base features under everything, cells above, own one first; names for the roads that have one.
-- Leans on pk_cases, ix_base_features_geom3857 and ix_cells_geom3857.
WITH here AS (
    SELECT place3857 AS p, cell, ST_Expand(place3857, :reach) AS box FROM cases WHERE id = :case),
found AS (
    SELECT b.layer, b.cls, b.name, false AS own,
           ST_ClipByBox2D(b.geom3857, (SELECT box FROM here)) AS geom
    FROM base_features b WHERE b.geom3857 && (SELECT box FROM here)
    UNION ALL
    SELECT 'cell', '', c.code, c.code = (SELECT cell FROM here),
           ST_Intersection(c.geom3857, (SELECT box FROM here))
    FROM cells c WHERE c.geom3857 && (SELECT box FROM here) AND c.ended_on IS NULL)
SELECT layer, cls, name, own, ST_AsSVG(shifted, 0, 1) AS path,
       ST_X(middle) AS x, -ST_Y(middle) AS y
FROM (SELECT layer, cls, name, own,
             ST_Translate(geom, -ST_X(h.p), -ST_Y(h.p)) AS shifted,
             ST_PointOnSurface(ST_Translate(geom, -ST_X(h.p), -ST_Y(h.p))) AS middle
      FROM found, here h WHERE NOT ST_IsEmpty(geom) AND ST_Dimension(geom) > 0) drawn
ORDER BY array_position(ARRAY['green', 'water', 'building', 'road', 'cell'], layer), own, name
LIMIT 4000
