-- How often each verifier met each reporter and each department in verifications answered from
-- :since to before :until, and what chance would give.  For a first (reporter or department) with
-- D verifications, each drawn from pool_i, a verifier in the pool is expected in the sum of
-- 1 / |pool_i|; a verification that was not drawn counts with the mean size of the pools of that
-- time.  /*scope*/ is the area.  Leans on ix_tasks_verified.
WITH seen AS MATERIALIZED (
    SELECT t.id, t.person_id, t.case_id, t.pool, c.reporter_id, c.department
    FROM tasks t JOIN cases c ON c.id = t.case_id
    WHERE t.purpose = 'verify' AND t.answered_at IS NOT NULL
      AND t.answered_at >= :since AND t.answered_at < :until AND /*scope*/),
usual AS (
    SELECT coalesce(avg(1.0 / cardinality(pool)) FILTER (WHERE cardinality(pool) > 0),
                    1.0 / greatest(count(DISTINCT person_id), 1)) AS share FROM seen),
met AS (
    SELECT 'reporter' AS kind, reporter_id::text AS first, id, person_id, pool FROM seen
    WHERE reporter_id IS NOT NULL
    UNION ALL
    SELECT 'department', department, id, person_id, pool FROM seen WHERE department IS NOT NULL),
counted AS (
    SELECT kind, first, person_id AS verifier, count(*) AS observed FROM met
    GROUP BY kind, first, person_id),
weighed AS (
    SELECT o.kind, o.first, o.verifier, o.observed, count(*) AS draws,
           sum(CASE WHEN cardinality(m.pool) = 0 THEN u.share
                    WHEN o.verifier = ANY(m.pool) THEN 1.0 / cardinality(m.pool) ELSE 0 END)
               AS expected
    FROM counted o JOIN met m ON m.kind = o.kind AND m.first = o.first CROSS JOIN usual u
    GROUP BY o.kind, o.first, o.verifier, o.observed)
SELECT w.*, v.name AS verifier_name, coalesce(r.name, d.name, w.first) AS first_name
FROM weighed w JOIN people v ON v.id = w.verifier
LEFT JOIN people r ON w.kind = 'reporter' AND r.id = CASE WHEN w.kind = 'reporter'
    THEN w.first::integer END
LEFT JOIN departments d ON w.kind = 'department' AND d.code = w.first
ORDER BY w.observed DESC, w.kind, w.first, w.verifier LIMIT 500
