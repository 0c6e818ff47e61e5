-- The inspectors, in which beats each is on shift at :clock (time of day), the last position of
-- each, and whether it is newer than :fresh.  Leans on ix_people_post, the keys of beats, shifts
-- and last_positions.
SELECT p.id, p.name, p.area, l.at, ST_X(l.place) AS lon, ST_Y(l.place) AS lat, l.accuracy_m,
       ARRAY(SELECT b.name FROM beat_inspectors i JOIN beats b ON b.id = i.beat_id
             JOIN shifts s ON s.id = b.shift_id
             WHERE i.person_id = p.id
               AND CASE WHEN s.begins < s.ends THEN :clock >= s.begins AND :clock < s.ends
                        ELSE :clock >= s.begins OR :clock < s.ends END
             ORDER BY b.name) AS beats,
       coalesce(l.at >= :fresh, false) AS seen_lately
FROM people p LEFT JOIN last_positions l ON l.person_id = p.id
WHERE p.post = 'inspector' AND p.active
ORDER BY p.name, p.id LIMIT 2000
