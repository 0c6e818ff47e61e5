-- What happened to part :code, newest first, at most :most lines?  Leans on
-- uq_part_steps_part_position.
SELECT s.position, s.at, s.action, s.import_id, s.reason, s.changes, s.photos,
       coalesce(p.name, '') AS who
FROM part_steps s LEFT JOIN people p ON p.id = s.actor_id
WHERE s.part = :code
ORDER BY s.position DESC LIMIT :most
