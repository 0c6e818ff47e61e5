-- What do the city's own layers hold, by class: how many, how much ground (m2) and length (m)?
-- :layer.  Reads the whole table of one layer: runs in the worker, and is kept with the layer.
SELECT layer || CASE WHEN cls = '' THEN '' ELSE ' / ' || cls END AS class, count(*)::int AS n,
       coalesce(sum(ST_Area(geom::geography)) FILTER (WHERE ST_Dimension(geom) = 2), 0) AS area_m2,
       coalesce(sum(ST_Length(geom::geography)) FILTER (WHERE ST_Dimension(geom) = 1), 0) AS length_m
FROM base_features WHERE :layer = 'base' GROUP BY layer, cls
UNION ALL
SELECT grade, count(*)::int, sum(area_m2), 0 FROM cells
WHERE :layer = 'cells' AND ended_on IS NULL GROUP BY grade
UNION ALL
SELECT district, count(*)::int, sum(ST_Area(geom::geography)), 0 FROM beats
WHERE :layer = 'beats' GROUP BY district
UNION ALL
SELECT k.name, count(*)::int, 0, 0 FROM parts p JOIN kinds k ON k.id = p.kind
WHERE :layer = 'parts' AND p.state <> 'removed' GROUP BY k.name
UNION ALL
SELECT k.name, count(*)::int, 0, 0 FROM cases c JOIN kinds k ON k.id = c.kind
WHERE :layer = 'cases' AND c.closed_at IS NULL GROUP BY k.name
ORDER BY n DESC, class LIMIT 200
