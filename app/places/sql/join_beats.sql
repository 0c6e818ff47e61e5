-- Puts the new cells :codes into the beat of each shift that covers their middle.
-- Leans on the boxes of beats.
INSERT INTO beat_cells (shift_id, cell, beat_id)
SELECT DISTINCT ON (b.shift_id, c.code) b.shift_id, c.code, b.id
FROM cells c JOIN beats b ON b.geom && c.geom AND ST_Covers(b.geom, ST_PointOnSurface(c.geom))
WHERE c.code = ANY(:codes)
ORDER BY b.shift_id, c.code, b.id
ON CONFLICT DO NOTHING
