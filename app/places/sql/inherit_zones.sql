-- Makes the cells :begun members of the zones that a cell of :ended was a member of by its own
-- code.  The ended codes stay: cases filed under them belong to the zone for ever.
-- Leans on the keys of cell_lineage and zone_members.
INSERT INTO zone_members (member, zone)
SELECT DISTINCT l.new, z.zone
FROM cell_lineage l JOIN zone_members z ON z.member = l.old
WHERE l.new = ANY(:begun) AND l.old = ANY(:ended)
ON CONFLICT DO NOTHING
