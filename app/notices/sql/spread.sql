-- What of the feed's next :most lines is to be told, to whom, and by which channels besides?
-- :tellings is the table of rules.TELLINGS, :exact its whole actions, :waits who is waited for in
-- which state of which flow, :outside the channels of each kind; all JSON.
-- One statement: the cursor moves if and only if the notices are stored, and a notice that is
-- there already (same reader, cause and kind) is not stored again.  Leans on the keys of feed,
-- case_steps, cases and on uq_notices_reader_id_cause_kind.  OFFSET 0: a step is looked up by its
-- key, however many the planner expects.
WITH head AS MATERIALIZED (SELECT seq FROM notice_cursor FOR UPDATE),
batch AS MATERIALIZED (
    SELECT f.seq, f.topic, f.subject_id, f.step_id, f.department FROM feed f
    WHERE f.seq > (SELECT seq FROM head) ORDER BY f.seq LIMIT :most),
tellings AS (
    SELECT * FROM jsonb_to_recordset(CAST(:tellings AS jsonb))
        AS t (action text, whom text, kind text, words text, former text)),
waits AS (
    SELECT * FROM jsonb_to_recordset(CAST(:waits AS jsonb))
        AS w (flow integer, state text, permission text)),
said AS MATERIALIZED (
    SELECT b.subject_id AS case_id, s.id AS step_id, s.position, s.actor_id, s.target AS state,
           coalesce(b.department, c.department) AS department, s.answers ->> 'words' AS words,
           'step:' || s.id AS cause, s.action
    FROM batch b
    CROSS JOIN LATERAL (SELECT * FROM case_steps s WHERE s.id = b.step_id OFFSET 0) s
    CROSS JOIN LATERAL (SELECT * FROM cases c WHERE c.id = s.case_id OFFSET 0) c
    UNION ALL
    SELECT c.id, NULL, NULL, 0, c.state, c.department, NULL,
           'overdue:' || c.id || ':' || extract(epoch FROM c.clock_at), '#overdue'
    FROM batch b JOIN cases c ON c.id = b.subject_id
    WHERE b.step_id IS NULL AND b.topic = 'case' AND c.overdue_marked_at IS NOT NULL
      AND c.closed_at IS NULL),
told AS MATERIALIZED (
    SELECT s.case_id, s.step_id, s.position, s.actor_id, s.state, s.department, s.cause,
           t.whom, t.kind, t.words AS msgid, t.former, c.flow_id, c.inspector_id, c.cell,
           jsonb_build_object('uid', c.uid, 'number', coalesce(c.number, 'not filed yet'),
               'name', k.name, 'place', coalesce(nullif(c.address, ''), c.cell, ''),
               'words', coalesce(s.words, '')) AS facts
    FROM said s JOIN cases c ON c.id = s.case_id JOIN kinds k ON k.id = c.kind
    JOIN tellings t ON t.action = s.action
      OR right(t.action, 1) = '_' AND starts_with(s.action, t.action)
         AND s.action <> ALL (CAST(:exact AS text[]))),
turns AS (
    SELECT t.*, CASE t.whom
        WHEN 'department' THEN 'case.handle' WHEN 'inspector' THEN 'case.inspect'
        WHEN 'decider' THEN (SELECT r.levels[r.done + 1] FROM case_requests r
                             WHERE r.case_id = t.case_id AND r.ended_at IS NULL)
        ELSE w.permission END AS turn
    FROM told t LEFT JOIN waits w
      ON t.whom = 'holder' AND w.flow = t.flow_id AND w.state = t.state
    WHERE t.whom <> 'former'),
readers AS (
    SELECT t.case_id, t.step_id, t.actor_id, t.cause, t.kind, t.msgid, t.facts, p.id AS reader
    FROM turns t JOIN people p ON p.department = t.department
    WHERE t.turn = 'case.handle' AND p.active
    UNION ALL
    SELECT t.case_id, t.step_id, t.actor_id, t.cause, t.kind, t.msgid, t.facts, p.id
    FROM turns t JOIN people p ON p.id = t.inspector_id WHERE t.turn = 'case.inspect' AND p.active
    UNION ALL
    SELECT t.case_id, t.step_id, t.actor_id, t.cause, t.kind, t.msgid, t.facts, p.id
    FROM turns t JOIN post_permissions o ON o.permission = t.turn
    JOIN people p ON p.post = o.post AND p.active
    WHERE t.turn NOT IN ('case.handle', 'case.inspect')
      AND (starts_with(coalesce(t.cell, ''), p.area) OR EXISTS (
          SELECT FROM zone_members z WHERE z.zone = p.area
            AND starts_with(coalesce(t.cell, ''), z.member)))
    UNION ALL
    SELECT t.case_id, t.step_id, t.actor_id, t.cause, t.kind, t.msgid, t.facts, f.actor_id
    FROM told t CROSS JOIN LATERAL (
        SELECT e.actor_id FROM case_steps e
        WHERE e.case_id = t.case_id AND e.position < t.position
          AND starts_with(e.action, t.former) ORDER BY e.position DESC LIMIT 1) f
    WHERE t.whom = 'former'
    UNION ALL
    SELECT t.case_id, t.step_id, t.actor_id, t.cause, t.kind, t.msgid, t.facts, p.id
    FROM told t JOIN case_helpers h ON h.case_id = t.case_id AND h.asked_step = t.position
    JOIN people p ON p.department = h.department AND p.active
    WHERE t.whom = 'helper'),
made AS (
    INSERT INTO notices (reader_id, cause, kind, case_id, step_id, words, facts)
    SELECT DISTINCT ON (reader, cause, kind) reader, cause, kind, case_id, step_id, msgid, facts
    FROM readers WHERE reader <> actor_id
    ORDER BY reader, cause, kind
    ON CONFLICT (reader_id, cause, kind) DO NOTHING RETURNING id, reader_id, kind),
sent AS (
    INSERT INTO deliveries (notice_id, channel)
    SELECT m.id, o.channel FROM made m
    JOIN jsonb_to_recordset(CAST(:outside AS jsonb)) AS o (kind text, channel text)
      ON o.kind = m.kind
    JOIN contacts k ON k.person_id = m.reader_id
    WHERE o.channel = 'email' AND k.by_email AND k.email <> ''
       OR o.channel = 'sms' AND k.by_sms AND k.phone <> ''
    ON CONFLICT DO NOTHING RETURNING 1),
moved AS (
    UPDATE notice_cursor SET seq = (SELECT max(seq) FROM batch) WHERE EXISTS (SELECT FROM batch))
SELECT (SELECT count(*) FROM batch) AS read, (SELECT count(*) FROM made) AS made,
       (SELECT count(*) FROM sent) AS sent
