-- The newest :most cases that were filed since :since, with what routing asks about their places.
-- Leans on ix_cases_filed_at and the keys of parts and cells.
SELECT c.uid::text AS uid, c.number, c.kind, coalesce(c.cell, '') AS cell, c.filed_at,
       coalesce(c.dispatched_at, c.filed_at) AS at, c.department,
       p.owner, p.upkeep_code AS upkeep, p.title_code AS title, g.beat_id AS beat
FROM cases c
LEFT JOIN parts p ON p.code = c.part_code
LEFT JOIN cells g ON g.code = c.cell
WHERE c.filed_at >= :since
ORDER BY c.filed_at DESC, c.id DESC LIMIT :most
