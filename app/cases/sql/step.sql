-- One more line in the journal of the case that /*moved*/ makes or changes, with its photos, its
-- line in the audit, the answer that a retry of the request will get, and its notice in the outbox
-- (all put in place of the marks): one statement, because each one costs a round trip, a switch of
-- greenlets and a plan, on the two hottest paths.  A case that is not moved gets no line.
-- Leans on the keys of cases, case_steps and attempts.
WITH moved AS (/*moved*/),
step AS (
    INSERT INTO case_steps (case_id, position, action, source, target, actor_id, post,
                            department, answers, due_at, at)
    SELECT id, CAST(:line_position AS smallint), CAST(:taken AS text), CAST(:line_source AS text),
           CAST(:target AS text), CAST(:actor AS integer), CAST(:line_post AS text),
           CAST(:line_department AS text), CAST(:answers AS jsonb), CAST(:line_due_at AS timestamptz),
           CAST(:line_at AS timestamptz)
    FROM moved
    RETURNING id, case_id, position),
shown AS (
    INSERT INTO case_photos (case_id, position, photo_id)
    SELECT DISTINCT case_id, position, photo
    FROM step, unnest(CAST(:photos AS uuid[])) photo),
noted AS (/*noted*/),
kept AS (/*kept*/),
told AS (
    INSERT INTO outbox (topic, subject_id, step_id, area, department)
    SELECT 'case', case_id, id, CAST(:area AS text), CAST(:held AS text) FROM step)/*more*/
SELECT case_id FROM step
