-- What waits for each person this morning, what of it is overdue, which orders are open?
-- :waits says who is waited for in which state of which flow (JSON), :at is now, :cause names the
-- day, :words is the msgid.  Who has nothing waiting is told nothing; told once a day, by the key.
-- Leans on ix_cases_open_state and ix_case_orders_running; the sums are made before people join.
WITH waits AS (
    SELECT * FROM jsonb_to_recordset(CAST(:waits AS jsonb))
        AS w (flow integer, state text, permission text)),
open AS MATERIALIZED (
    SELECT w.permission, c.department, c.inspector_id, c.cell, count(*) AS n,
           count(*) FILTER (WHERE c.due_at < :at) AS late
    FROM cases c JOIN waits w ON w.flow = c.flow_id AND w.state = c.state
    WHERE c.closed_at IS NULL GROUP BY 1, 2, 3, 4),
orders AS MATERIALIZED (
    SELECT c.department, r.giver_id, r.state, count(*) AS n
    FROM case_orders r JOIN cases c ON c.id = r.case_id
    WHERE r.state <> 'ended' GROUP BY 1, 2, 3),
mine AS (
    SELECT p.id, o.n, o.late, 0 AS orders FROM people p
    JOIN open o ON o.permission = 'case.handle' AND o.department = p.department WHERE p.active
    UNION ALL
    SELECT p.id, o.n, o.late, 0 FROM people p
    JOIN open o ON o.permission = 'case.inspect' AND o.inspector_id = p.id WHERE p.active
    UNION ALL
    SELECT p.id, o.n, o.late, 0 FROM people p
    JOIN post_permissions h ON h.post = p.post
    JOIN open o ON o.permission = h.permission
    WHERE p.active AND o.permission NOT IN ('case.handle', 'case.inspect')
      AND (starts_with(coalesce(o.cell, ''), p.area) OR EXISTS (
          SELECT FROM zone_members z WHERE z.zone = p.area
            AND starts_with(coalesce(o.cell, ''), z.member)))
    UNION ALL
    SELECT p.id, 0, 0, o.n FROM people p
    JOIN orders o ON o.state = 'open' AND o.department = p.department WHERE p.active
    UNION ALL
    SELECT p.id, 0, 0, o.n FROM people p
    JOIN orders o ON o.state = 'answered' AND o.giver_id = p.id WHERE p.active),
made AS (
    INSERT INTO notices (reader_id, cause, kind, words, facts)
    SELECT id, :cause, 'digest', :words,
           jsonb_build_object('waiting', sum(n), 'late', sum(late), 'orders', sum(orders))
    FROM mine GROUP BY id
    ON CONFLICT (reader_id, cause, kind) DO NOTHING RETURNING id, reader_id),
sent AS (
    INSERT INTO deliveries (notice_id, channel)
    SELECT m.id, 'email' FROM made m JOIN contacts k ON k.person_id = m.reader_id
    WHERE k.by_email AND k.email <> '' RETURNING 1)
SELECT (SELECT count(*) FROM made) AS made, (SELECT count(*) FROM sent) AS sent
