-- What does a list, a map or another system show of a case?
-- Used as the head of other statements; leans on the keys of cases.
SELECT c.id, c.uid::text AS uid, c.number, c.kind, c.stage, c.state, c.cell, c.department,
       c.address, c.description, c.source, c.steps, c.rework_count, c.part_code,
       ST_X(c.place) AS lon, ST_Y(c.place) AS lat,
       c.reported_at, c.amber_at, c.due_at, c.closed_at
FROM cases c
