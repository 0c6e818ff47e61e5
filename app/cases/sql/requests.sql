-- Which requests fit, newest first?  The conditions on r and on cases c are put in place of the
-- mark; :most rows.  Leans on the primary key of case_requests, on ix_case_requests_open_level
-- for those that wait.
SELECT r.id, r.uid::text AS uid, r.kind, r.reason, r.until, r.levels, r.done, r.outcome,
       r.asked_at, r.reviewed_at, r.ended_at, r.department, r.asked_step,
       a.name AS asked_by, v.name AS reviewed_by, e.name AS ended_by,
       c.uid::text AS "case", c.number, c.state, c.steps AS seen, c.kind AS case_kind,
       c.address, c.due_at, c.amber_at, c.flow_id, c.cell
FROM case_requests r
JOIN cases c ON c.id = r.case_id
LEFT JOIN people a ON a.id = r.asked_by
LEFT JOIN people v ON v.id = r.reviewed_by
LEFT JOIN people e ON e.id = r.ended_by
WHERE /*fitting*/ true
ORDER BY r.id DESC LIMIT :most
