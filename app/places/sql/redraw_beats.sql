-- What do the beats of the cells :codes cover?  Leans on ix_beat_cells_beat_id.
UPDATE beats b SET geom = drawn.geom
FROM (
    SELECT all_of.beat_id, ST_Multi(ST_Union(c.geom)) AS geom
    FROM (SELECT DISTINCT beat_id FROM beat_cells WHERE cell = ANY(:codes)) touched
    JOIN beat_cells all_of USING (beat_id)
    JOIN cells c ON c.code = all_of.cell AND c.ended_on IS NULL
    GROUP BY all_of.beat_id) drawn
WHERE b.id = drawn.beat_id AND NOT ST_Equals(b.geom, drawn.geom)
