-- One more line in the journal of :case_id, with its line in the audit and the answer that a
-- retry of the request will get (both put in place of the marks), and its notice in the outbox:
-- one statement, because each one costs a round trip, a switch of greenlets and a plan, on the
-- two hottest paths.  Leans on the keys of case_steps and attempts.
WITH step AS (
    INSERT INTO case_steps (case_id, position, action, source, target, actor_id, post,
                            department, answers, due_at, at)
    VALUES (:case_id, :position, :taken, :source, :target, :actor, :post,
            :department, CAST(:answers AS jsonb), :due_at, :at)
    RETURNING id, case_id),
noted AS (/*noted*/),
kept AS (/*kept*/),
told AS (
    INSERT INTO outbox (topic, subject_id, step_id, area, department)
    SELECT 'case', case_id, id, CAST(:area AS text), CAST(:held AS text) FROM step)
SELECT id FROM step
