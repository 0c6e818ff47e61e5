-- The open cases whose clock runs, behind the case :after, at most :most by id; a stopped clock has
-- no deadline and is left alone.  :department is empty for all.  Leans on the key of cases and on
-- ix_cases_open_due.
SELECT c.id, c.uid::text AS uid, c.number, c.kind, c.cell, c.state, c.stage, c.department, c.steps,
       c.flow_id, c.condition_id, c.filed_at, c.clock_at, c.clock_limit, c.clock_unit, c.amber_at,
       c.due_at, c.handle_due_at, c.close_due_at, c.overdue_marked_at,
       c.handle_from, c.handle_limit, c.extensions, c.suspensions + c.returns AS stopped,
       (SELECT g.grade FROM cells g WHERE g.code = c.cell) AS grade
FROM cases c
WHERE c.closed_at IS NULL AND c.due_at IS NOT NULL AND c.clock_at IS NOT NULL
  AND c.id > :after AND (:department = '' OR c.department = :department)
ORDER BY c.id LIMIT :most
