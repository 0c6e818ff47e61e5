-- Write down for :day who had which beat in which shift, its cells, and the cells that a position
-- sent during the shift lies in.  Done again, it only adds what came since; a beat that changed
-- after the shift had begun keeps the cells it had.
-- Leans on the keys of beat_inspectors, beat_cells and track_points, and on ix_cells_geom.
INSERT INTO patrol_days (day, shift_id, beat_id, person_id, begins, ends, fixes, cells, walked)
SELECT :day, s.id, b.id, i.person_id, s.begins_at, s.ends_at, coalesce(w.fixes, 0), b.cells,
       coalesce(w.walked, '{}')
FROM (SELECT id, (CAST(:day AS date) + begins) AT TIME ZONE 'Asia/Shanghai' AS begins_at,
             (CAST(:day AS date) + CASE WHEN begins < ends THEN 0 ELSE 1 END + ends)
               AT TIME ZONE 'Asia/Shanghai' AS ends_at
      FROM shifts) s
JOIN (SELECT x.id, x.shift_id, array_agg(y.cell ORDER BY y.cell) AS cells
      FROM beats x JOIN beat_cells y ON y.beat_id = x.id AND y.shift_id = x.shift_id
      GROUP BY x.id, x.shift_id) b ON b.shift_id = s.id
JOIN beat_inspectors i ON i.beat_id = b.id
LEFT JOIN LATERAL (
    SELECT CAST(count(DISTINCT t.at) AS integer) AS fixes,
           array_agg(DISTINCT c.code) FILTER (WHERE c.code = ANY(b.cells)) AS walked
    FROM track_points t
    LEFT JOIN cells c ON c.ended_on IS NULL AND ST_Covers(c.geom, t.place)
    WHERE t.person_id = i.person_id AND t.at >= s.begins_at AND t.at < s.ends_at) w ON true
WHERE s.begins_at <= :at
ON CONFLICT (day, shift_id, beat_id, person_id) DO UPDATE
SET fixes = excluded.fixes,
    walked = ARRAY(SELECT u FROM unnest(excluded.walked || patrol_days.walked) u
                   WHERE u = ANY(patrol_days.cells) GROUP BY u ORDER BY u)
WHERE patrol_days.fixes <> excluded.fixes
