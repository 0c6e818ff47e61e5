-- What is known about the photos of case :case, for app.cases.evidence: distances in metres to
-- its pin, and the earlier photo most like each one.  Two photos are alike if at most 10 bits of
-- their looks and at most 12 of their edges differ: copies saved, shrunk, brightened or trimmed
-- differ in 0 to 10, different pictures in 14 and more, with 20 and more edges.  The index finds
-- every pair up to 7 bits apart and most up to 10.  The phone's distance has its accuracy taken
-- off.  Leans on the key of case_photos, ix_photos_look, ix_case_photos_photo_id, the key of
-- track_points.
SELECT f.position, p.id::text AS photo, s.at AS shown_at, p.taken_at,
       ST_Distance(p.place::geography, c.place::geography) AS camera_metres,
       CASE WHEN p.device_place IS NOT NULL THEN
            greatest(0, ST_Distance(p.device_place::geography, c.place::geography)
                        - coalesce(p.device_accuracy_m, 0)) END AS device_metres,
       ST_Distance(p.place::geography, p.device_place::geography) AS metres_apart,
       (SELECT min(ST_Distance(t.place::geography, c.place::geography)) FROM track_points t
        WHERE t.person_id = p.uploader_id
          AND t.at BETWEEN coalesce(p.taken_at, p.at) - interval '10 minutes'
                       AND coalesce(p.taken_at, p.at) + interval '10 minutes') AS track_metres,
       CASE WHEN twin.case_id <> c.id THEN coalesce(twin.number, left(twin.uid, 8)) END AS twin,
       CASE WHEN twin.case_id <> c.id THEN twin.uid END AS twin_uid,
       CASE WHEN twin.case_id = c.id THEN twin.position END AS twin_step, twin.bits
FROM case_photos f
JOIN photos p ON p.id = f.photo_id
JOIN cases c ON c.id = f.case_id
JOIN case_steps s ON s.case_id = f.case_id AND s.position = f.position
LEFT JOIN LATERAL (
    SELECT g.case_id, g.position, o.number, o.uid::text AS uid, hash_distance(e.look, p.look) AS bits
    FROM photos e
    JOIN case_photos g ON g.photo_id = e.id
    JOIN cases o ON o.id = g.case_id
    WHERE hash_bands(e.look) && hash_probes(p.look) AND e.look IS NOT NULL
      AND hash_distance(e.look, p.look) <= 10 AND hash_distance(e.edges, p.edges) <= 12
      AND (e.at < p.at AND e.id <> p.id OR e.id = p.id AND g.case_id < c.id)
      AND (g.case_id <> c.id OR g.position < f.position)
    ORDER BY bits, e.at LIMIT 1) twin ON true
WHERE f.case_id = :case
ORDER BY f.position, p.id
