-- Puts the cells :begun into the beats of the cells :ended they came from, in each shift into that
-- of the largest, and takes :ended out.  Leans on the keys of cell_lineage and beat_cells.
WITH gone AS (
    DELETE FROM beat_cells WHERE cell = ANY(:ended) RETURNING shift_id, cell, beat_id)
INSERT INTO beat_cells (shift_id, cell, beat_id)
SELECT DISTINCT ON (g.shift_id, l.new) g.shift_id, l.new, g.beat_id
FROM cell_lineage l JOIN gone g ON g.cell = l.old JOIN cells c ON c.code = l.old
WHERE l.new = ANY(:begun)
ORDER BY g.shift_id, l.new, c.area_m2 DESC, l.old
ON CONFLICT (shift_id, cell) DO UPDATE SET beat_id = excluded.beat_id
