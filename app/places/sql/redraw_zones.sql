-- What do the zones of the cells :codes cover?  Leans on the primary key of cells, searched by the
-- beginning of each member's code.
UPDATE zones z SET geom = drawn.geom
FROM (
    SELECT m.zone, ST_Multi(ST_Union(c.geom)) AS geom
    FROM (SELECT DISTINCT t.zone FROM zone_members t, unnest(CAST(:codes AS text[])) code
          WHERE starts_with(code, t.member)) touched
    JOIN zone_members m USING (zone)
    JOIN cells c ON c.code >= m.member AND c.code < m.member || '~' AND c.ended_on IS NULL
    GROUP BY m.zone) drawn
WHERE z.code = drawn.zone AND NOT ST_Equals(z.geom, drawn.geom)
