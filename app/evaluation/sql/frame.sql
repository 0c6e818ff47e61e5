-- By what are objects scored in a period, and what is known of the period besides the counts?
-- :object department, region or a post; :code a scheme's, NULL for the default; :board what is
-- ranked; :period and :against two periods by their codes; :begin, :end and :against_begin,
-- :against_end their days.
-- Leans on uq_schemes_code_version, uq_frozen_periods_board_period_version,
-- ix_score_appeals_board_begins, ix_outside_marks_board_day.
WITH chosen AS (
    SELECT s.code, s.version, s.name, s.document FROM schemes s
    WHERE s.object = :object AND s.state = 'published'
      AND s.code = coalesce(CAST(:code AS text),
                            (SELECT d.code FROM scheme_defaults d WHERE d.object = :object))
    ORDER BY s.version DESC LIMIT 1),
frozen AS (
    SELECT DISTINCT ON (f.period) f.period, f.version, f.scheme, f.scheme_version, f.signed_at,
           f.digest, f.result, f.inputs, p.name AS proposer, q.name AS signer
    FROM frozen_periods f JOIN people p ON p.id = f.proposed_by JOIN people q ON q.id = f.signed_by
    WHERE f.board = :board AND f.period IN (:period, :against)
      AND (CAST(:code AS text) IS NULL OR f.scheme = CAST(:code AS text))
    ORDER BY f.period, f.version DESC),
spans (period, begins, ends) AS (
    VALUES (CAST(:period AS text), CAST(:begin AS date), CAST(:end AS date)),
           (CAST(:against AS text), CAST(:against_begin AS date), CAST(:against_end AS date))),
granted AS (
    SELECT s.period, a.object, a.indicator, a.case_id AS "case"
    FROM spans s JOIN score_appeals a ON a.begins >= s.begins AND a.ends <= s.ends
    WHERE a.board = :board AND a.state = 'granted'
    ORDER BY s.period, a.id),
marks AS (
    SELECT s.period, m.object, m.kind, CAST(sum(m.value * m.n) AS text) AS total,
           sum(m.n) AS n, CAST(sum(m.value) AS text) AS plain
    FROM spans s JOIN outside_marks m ON m.day >= s.begins AND m.day < s.ends
    WHERE m.board = :board AND m.withdrawn_at IS NULL
    GROUP BY s.period, m.object, m.kind)
SELECT (SELECT to_jsonb(c) FROM chosen c) AS scheme,
       (SELECT coalesce(jsonb_object_agg(f.period, to_jsonb(f)), '{}') FROM frozen f) AS frozen,
       (SELECT coalesce(jsonb_agg(g), '[]') FROM granted g) AS granted,
       (SELECT coalesce(jsonb_agg(m), '[]') FROM marks m) AS marks,
       (SELECT coalesce(jsonb_object_agg(k.owner, k.n), '{}')
        FROM (SELECT owner, count(*) AS n FROM parts
              WHERE owner IS NOT NULL AND EXISTS (
                  SELECT FROM chosen WHERE jsonb_path_exists(
                      document, '$.parts[*].scale[*] ? (@ == "parts")'))
              GROUP BY owner) k) AS parts,
       ARRAY(SELECT to_char(m, 'YYYY-MM')
             FROM (SELECT min(filed_at) AS a, max(filed_at) AS b FROM cases) x,
                  generate_series(date_trunc('month', a), b, '1 month') m
             ORDER BY m DESC LIMIT 60) AS months
