-- Which cell and which division (the first :length digits) is the shape :geom in, by a point on
-- it?  Leans on ix_cells_geom and ix_areas_geom.
SELECT c.code AS cell, coalesce(left(c.code, :length), left(a.code, :length)) AS division
FROM (SELECT ST_PointOnSurface(CAST(:geom AS geometry)) AS spot) i
LEFT JOIN LATERAL (
    SELECT code FROM cells
    WHERE ended_on IS NULL AND ST_Covers(geom, i.spot) ORDER BY code LIMIT 1) c ON true
LEFT JOIN LATERAL (
    SELECT code FROM areas
    WHERE c.code IS NULL AND code IS NOT NULL AND ST_Covers(geom, i.spot)
    ORDER BY level <> 'district', code LIMIT 1) a ON true
