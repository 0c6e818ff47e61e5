-- What does each cell in use from :within to :end weigh, by area, parts or cases (:by)?
-- Leans on the key of cells, on ix_parts_geom for parts, and on ix_cases_cell for cases.
SELECT c.code, ST_AsBinary(c.geom) AS geom,
       CASE :by
           WHEN 'parts' THEN 1 + (
               SELECT count(*) FROM parts p
               WHERE p.state <> 'removed' AND p.geom && c.geom
                 AND ST_Covers(c.geom, ST_PointOnSurface(p.geom)))
           WHEN 'cases' THEN 0.1 + (
               SELECT count(*) FROM cases k
               WHERE k.cell = c.code AND k.reported_at > now() - interval '90 days')
           ELSE c.area_m2 END AS weight
FROM cells c
WHERE c.ended_on IS NULL AND c.code >= :within AND c.code < :end
ORDER BY c.code
