-- Tasks with the names of who was sent and who sent them, and the case they are about.
-- Leans on the unique key of tasks, ix_tasks_open_person_id, ix_tasks_person_id and, for lists of
-- everybody's, the primary key backwards.
SELECT t.id, t.uid::text AS uid, t.case_id, t.purpose, t.person_id, t.cell, t.note,
       ST_X(t.place) AS lon, ST_Y(t.place) AS lat, t.given_by, t.given_at, t.due_at, t.way, t.metres,
       t.pool, t.seed, t.former_id, t.escalated_at, t.answered_at, t.answer, t.outcome, t.ended_at,
       p.name AS person_name, g.name AS giver_name, c.uid::text AS case_uid,
       c.number AS case_number, c.steps AS case_steps, c.address, c.description, c.reporter_id
FROM tasks t
JOIN people p ON p.id = t.person_id
LEFT JOIN people g ON g.id = t.given_by
LEFT JOIN cases c ON c.id = t.case_id
