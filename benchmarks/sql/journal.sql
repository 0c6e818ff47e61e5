-- The line at :position in the journal of every case that has so many.
INSERT INTO case_steps (case_id, position, action, source, target, actor_id, post, answers, at, bulk)
SELECT id, :position, (ARRAY['report', 'accept', 'file'])[:position], (ARRAY['', 'reported', 'accepted'])[:position],
       (ARRAY['reported', 'accepted', 'filed'])[:position], coalesce(reporter_id, 1), 'inspector', '{}',
       reported_at + :position * interval '3 min', true
FROM cases WHERE steps >= :position
