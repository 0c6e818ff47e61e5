-- Which rungs of the ladder have been reached, and who is told?
-- :rungs is JSON: rule, rung, subject, state, since, cut (the instant a lamp must have turned
-- before), reader, who, channel; :most is how many are told in one go; :at is now.
-- A rung fires once a clock, by uq_escalations_case_id_order_id_clock_at_rule_id.
-- Leans on ix_cases_open_due, ix_cases_open_amber and ix_case_orders_open.
WITH rungs AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(CAST(:rungs AS jsonb))
        AS r (rule integer, rung integer, subject text, state text, since text,
              cut timestamptz, reader text, who text, channel text)),
due AS (
    SELECT r.rule, c.id AS case_id, CAST(0 AS bigint) AS order_id, c.clock_at
    FROM rungs r CROSS JOIN LATERAL (
        SELECT c.id, c.clock_at FROM cases c
        WHERE c.closed_at IS NULL AND c.due_at <= r.cut
          AND (r.state = '' OR c.state = r.state)
          AND NOT EXISTS (SELECT FROM escalations e WHERE e.case_id = c.id AND e.order_id = 0
                          AND e.clock_at = c.clock_at AND e.rule_id = r.rule)
        ORDER BY c.due_at LIMIT :most) c
    WHERE r.subject = 'case' AND r.since = 'due'
    UNION ALL
    SELECT r.rule, c.id, 0, c.clock_at
    FROM rungs r CROSS JOIN LATERAL (
        SELECT c.id, c.clock_at FROM cases c
        WHERE c.closed_at IS NULL AND c.amber_at IS NOT NULL AND c.amber_at <= r.cut
          AND (r.state = '' OR c.state = r.state)
          AND NOT EXISTS (SELECT FROM escalations e WHERE e.case_id = c.id AND e.order_id = 0
                          AND e.clock_at = c.clock_at AND e.rule_id = r.rule)
        ORDER BY c.amber_at LIMIT :most) c
    WHERE r.subject = 'case' AND r.since = 'amber'
    UNION ALL
    SELECT r.rule, o.case_id, o.id, o.clock_at
    FROM rungs r JOIN case_orders o ON o.state = 'open'
     AND CASE r.since WHEN 'due' THEN o.due_at ELSE o.amber_at END <= r.cut
    WHERE r.subject = 'order'
      AND NOT EXISTS (SELECT FROM escalations e WHERE e.case_id = o.case_id
                      AND e.order_id = o.id AND e.clock_at = o.clock_at AND e.rule_id = r.rule)),
fired AS (
    INSERT INTO escalations (rule_id, case_id, order_id, clock_at, at)
    SELECT rule, case_id, order_id, clock_at, :at FROM due
    ON CONFLICT DO NOTHING RETURNING id, rule_id, case_id),
readers AS (
    SELECT f.id, f.case_id, r.rung, r.channel, p.id AS reader, c.uid, c.number, c.address, c.cell,
           k.name
    FROM fired f JOIN rungs r ON r.rule = f.rule_id
    CROSS JOIN LATERAL (SELECT * FROM cases c WHERE c.id = f.case_id OFFSET 0) c
    JOIN kinds k ON k.id = c.kind
    JOIN people p ON p.active AND CASE r.reader
        WHEN 'person' THEN p.id::text = r.who
        WHEN 'department' THEN p.department = c.department
        ELSE p.post = r.who AND (p.department IS NULL OR p.department = c.department)
             AND (starts_with(coalesce(c.cell, ''), p.area) OR EXISTS (
                 SELECT FROM zone_members z WHERE z.zone = p.area
                   AND starts_with(coalesce(c.cell, ''), z.member))) END),
made AS (
    INSERT INTO notices (reader_id, cause, kind, case_id, words, facts)
    SELECT reader, 'rung:' || id, 'escalation', case_id, :words,
           jsonb_build_object('uid', uid, 'number', coalesce(number, 'not filed yet'),
               'name', name, 'rung', rung, 'place', coalesce(nullif(address, ''), cell, ''))
    FROM readers
    ON CONFLICT (reader_id, cause, kind) DO NOTHING RETURNING id, reader_id, cause),
sent AS (
    INSERT INTO deliveries (notice_id, channel)
    SELECT DISTINCT m.id, r.channel FROM made m JOIN readers r
      ON 'rung:' || r.id = m.cause AND r.reader = m.reader_id
    JOIN contacts k ON k.person_id = m.reader_id
    WHERE r.channel = 'email' AND k.email <> '' OR r.channel = 'sms' AND k.phone <> ''
    RETURNING 1)
SELECT (SELECT count(*) FROM fired) AS fired, (SELECT count(*) FROM made) AS made,
       (SELECT count(*) FROM sent) AS sent
