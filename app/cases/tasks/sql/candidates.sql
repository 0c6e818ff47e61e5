-- The inspectors whose area covers :cell, as the place (:lon, :lat; EPSG:4490) sees them at :clock
-- (time of day): on shift in its beat, on duty anywhere, how far from a position newer than
-- :fresh, how busy; and what each had to do with case :case_id (0 for none).
-- Leans on ix_people_post, the keys of beat_inspectors, beat_cells and last_positions,
-- ix_tasks_open_person_id and uq_case_steps_case_id_position.
WITH shift_now AS MATERIALIZED (
    SELECT id FROM shifts
    WHERE CASE WHEN begins < ends THEN :clock >= begins AND :clock < ends
               ELSE :clock >= begins OR :clock < ends END),
duty AS MATERIALIZED (
    SELECT i.person_id, bool_or(c.cell IS NOT NULL) AS in_beat
    FROM beat_inspectors i JOIN beats b ON b.id = i.beat_id
    JOIN shift_now s ON s.id = b.shift_id
    LEFT JOIN beat_cells c ON c.beat_id = b.id AND c.shift_id = b.shift_id AND c.cell = :cell
    GROUP BY i.person_id),
checked AS MATERIALIZED (
    SELECT actor_id FROM case_steps
    WHERE case_id = :case_id AND source = 'confirming' AND target <> source
    UNION
    (SELECT actor_id FROM case_steps
     WHERE case_id = :case_id AND source = 'verifying' AND target <> source
     ORDER BY position DESC LIMIT 1))
SELECT p.id, p.name, coalesce(d.in_beat, false) AS in_beat,
       d.person_id IS NOT NULL OR coalesce(l.at >= :fresh, false) AS on_duty,
       CASE WHEN l.at >= :fresh THEN round(ST_Distance(l.place::geography,
            ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)::geography)) END AS metres,
       (SELECT count(*) FROM tasks t WHERE t.person_id = p.id AND t.ended_at IS NULL) AS busy,
       p.id = :reporter AS reported, p.id IN (TABLE checked) AS checked
FROM people p
LEFT JOIN duty d ON d.person_id = p.id
LEFT JOIN last_positions l ON l.person_id = p.id
WHERE p.post = 'inspector' AND p.active
  AND (starts_with(:cell, p.area) OR EXISTS (
       SELECT FROM zone_members z WHERE z.zone = p.area AND starts_with(:cell, z.member)))
ORDER BY length(p.area) DESC, p.id LIMIT 2000
