-- All that judging or showing one case needs; "twin" is the number of another open case about
-- the same part and kind; a request that waits for its decision comes along, at most one.
-- The caller adds how the case is found (uid, number, id) and, to show it whole, more columns
-- in place of the mark.
-- Leans on the unique keys of cases, on ix_cases_part_code and on uq_case_requests_open.
SELECT c.id, c.uid::text AS uid, c.number, c.kind, c.stage, c.state, c.cell, c.department,
       c.address, c.description, c.source, c.steps, c.rework_count, c.part_code,
       ST_X(c.place) AS lon, ST_Y(c.place) AS lat,
       c.reported_at, c.amber_at, c.due_at, c.closed_at,
       c.flow_id, c.condition_id, c.reporter_id, c.inspector_id, c.confirmed, c.passed,
       c.clock_at, c.clock_limit, c.clock_unit, c.handle_from, c.handle_limit,
       c.handle_due_at, c.close_due_at, c.left_value, c.left_for, c.suspended_until,
       c.filed_at, c.dispatched_at, c.handled_at, c.captured_at,
       c.extensions, c.suspensions, c.returns, c.exempt, c.appealed, c.self_handled,
       c.parent_id, c.merged_into,
       ARRAY(SELECT department FROM case_helpers h
             WHERE h.case_id = c.id AND h.done_at IS NULL ORDER BY 1) AS helpers,
       r.id AS request_id, r.kind AS request_kind, r.levels AS request_levels,
       r.done AS request_done, r.asked_by AS request_asked_by,
       r.reviewed_by AS request_reviewed_by, r.until AS request_until,
       (SELECT g.grade FROM cells g WHERE g.code = c.cell) AS grade,
       (SELECT t.number FROM cases t
        WHERE t.part_code = c.part_code AND t.kind = c.kind AND t.id <> c.id
          AND t.number IS NOT NULL AND t.closed_at IS NULL ORDER BY t.id LIMIT 1) AS twin
       /*more*/
FROM cases c
LEFT JOIN case_requests r ON r.case_id = c.id AND r.ended_at IS NULL
