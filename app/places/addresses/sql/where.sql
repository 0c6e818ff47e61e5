-- Which cell and division is a shape in, and where is its point?  :geom is WKB in EPSG:4490.
-- On a border the lower code holds.  Leans on ix_cells_geom and ix_areas_geom.
SELECT ST_X(p.point) AS lon, ST_Y(p.point) AS lat, c.code AS cell,
       coalesce(c.community, a.code, '990000') AS division
FROM (SELECT ST_PointOnSurface(ST_SetSRID(CAST(:geom AS geometry), 4490)) AS point) p
LEFT JOIN LATERAL (
    SELECT code, community FROM cells
    WHERE ended_on IS NULL AND ST_Covers(geom, p.point) ORDER BY code LIMIT 1) c ON true
LEFT JOIN LATERAL (
    SELECT code FROM areas WHERE c.code IS NULL AND code IS NOT NULL AND ST_Covers(geom, p.point)
    ORDER BY length(code) DESC, code LIMIT 1) a ON true
