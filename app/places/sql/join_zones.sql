-- Makes the new cells :codes members of the zone that covers their middle, where no division
-- of theirs is one.  Leans on the boxes of zones.
INSERT INTO zone_members (member, zone)
SELECT DISTINCT ON (c.code) c.code, z.code
FROM cells c JOIN zones z ON z.geom && c.geom AND ST_Covers(z.geom, ST_PointOnSurface(c.geom))
WHERE c.code = ANY(:codes)
  AND NOT EXISTS (SELECT FROM zone_members m WHERE starts_with(c.code, m.member))
ORDER BY c.code, z.code
ON CONFLICT DO NOTHING
