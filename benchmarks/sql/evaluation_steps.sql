-- Ten lines in the journal of every case from :first to :last.
INSERT INTO case_steps (case_id, position, action, source, target, actor_id, post, answers, due_at, at, bulk, hash)
SELECT c.id, s.n, s.action, s.source, s.target, 1 + (c.id + s.n) % 9, '',
       CASE s.action WHEN 'dispatch' THEN jsonb_build_object('department', c.department)
                     WHEN 'verify' THEN '{"passed": true}' ELSE '{}' END,
       c.reported_at + s.n * interval '20 min', c.reported_at + (c.closed_at - c.reported_at) * s.n / 10, true, ''
FROM cases c CROSS JOIN unnest(
    ARRAY['report', 'accept', 'file', 'dispatch', 'sign', 'report_done', 'ask_verify', 'verify', 'urge', 'close'],
    ARRAY['', 'reported', 'accepted', 'filed', 'dispatched', 'handling', 'handled', 'verifying', 'verified', 'verified'],
    ARRAY['reported', 'accepted', 'filed', 'dispatched', 'handling', 'handled', 'verifying', 'verified', 'verified',
          'closed']) WITH ORDINALITY AS s (action, source, target, n)
WHERE c.id BETWEEN :first AND :last
