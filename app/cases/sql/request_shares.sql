-- How many cases did each department get since :since, and how many requests of each kind did it
-- make, with what outcome?  The share is watched (standards §5.3, approvals ledger).
-- Leans on ix_cases_filed_at.
WITH held AS (
    SELECT c.id, c.department FROM cases c
    WHERE c.filed_at >= :since AND c.department IS NOT NULL AND /*visible*/ true),
asked AS (
    SELECT coalesce(r.department, h.department) AS department, r.kind, count(*) AS asked,
           count(*) FILTER (WHERE r.outcome = 'granted') AS granted,
           count(*) FILTER (WHERE r.outcome = 'refused') AS refused
    FROM held h JOIN case_requests r ON r.case_id = h.id GROUP BY 1, 2),
every AS (SELECT department, count(*) AS cases FROM held GROUP BY department)
SELECT d.code AS department, d.name, coalesce(e.cases, 0) AS cases,
       coalesce((SELECT json_object_agg(kind, json_build_object('asked', asked,
           'granted', granted, 'refused', refused)) FROM asked a WHERE a.department = d.code),
           '{}') AS kinds
FROM departments d LEFT JOIN every e ON e.department = d.code
WHERE d.handles ORDER BY d.position, d.code
