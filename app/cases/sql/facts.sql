-- All that judging or showing one case needs; "twin" is the number of another open case about
-- the same part and kind.  :column is chosen by the caller from (uid, number).
-- Leans on the unique keys of cases and on ix_cases_part_code.
SELECT c.id, c.uid::text AS uid, c.number, c.kind, c.stage, c.state, c.cell, c.department,
       c.address, c.description, c.source, c.steps, c.rework_count, c.part_code,
       ST_X(c.place) AS lon, ST_Y(c.place) AS lat,
       c.reported_at, c.amber_at, c.due_at, c.closed_at,
       c.flow_id, c.condition_id, c.reporter_id, c.inspector_id, c.passed,
       c.clock_at, c.clock_limit, c.clock_unit, c.handle_due_at, c.close_due_at,
       c.filed_at, c.dispatched_at, c.handled_at, c.captured_at,
       (SELECT g.grade FROM cells g WHERE g.code = c.cell) AS grade,
       (SELECT t.number FROM cases t
        WHERE t.part_code = c.part_code AND t.kind = c.kind AND t.id <> c.id
          AND t.number IS NOT NULL AND t.closed_at IS NULL ORDER BY t.id LIMIT 1) AS twin
FROM cases c
