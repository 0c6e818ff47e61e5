-- What did each department have to do between :begin and :end, and what of it was done by :at?
-- The needs are counted at the deadline, or at the end of the work if that came earlier
-- (standards §7.1, rule 1); a case without a deadline is never due, and void and rejected
-- cases are in no set.
-- Leans on ix_cases_filed_at, ix_cases_close_due_at (never before the handling deadline).
WITH asked AS (
    SELECT c.department,
           c.filed_at >= :begin AND c.filed_at < :end AS filed,
           c.handle_due_at IS NOT NULL AND least(c.handle_due_at, c.handled_at) >= :begin
             AND least(c.handle_due_at, c.handled_at) < :end
             AND (c.handled_at IS NOT NULL OR c.handle_due_at <= :at) AS dispose_need,
           c.handled_at IS NOT NULL AS disposed,
           c.handled_at <= c.handle_due_at OR c.exempt AS dispose_intime,
           c.close_due_at IS NOT NULL AND least(c.close_due_at, c.closed_at) >= :begin
             AND least(c.close_due_at, c.closed_at) < :end
             AND (c.closed_at IS NOT NULL OR c.close_due_at <= :at) AS archive_need,
           c.closed_at IS NOT NULL AND c.closed_at <= :at AS archived,
           (c.closed_at <= c.close_due_at OR c.exempt) AND c.state <> 'forced' AS archive_intime,
           c.rework_count
    FROM cases c
    WHERE c.department IS NOT NULL AND c.state NOT IN ('rejected', 'void', 'merged')
      AND (c.filed_at >= :begin AND c.filed_at < :end
           OR c.close_due_at >= :begin AND c.filed_at < :end))
SELECT d.code AS object, d.name,
       count(*) FILTER (WHERE filed) AS inst_num,
       count(*) FILTER (WHERE dispose_need) AS dispose_need_num,
       count(*) FILTER (WHERE dispose_need AND disposed) AS dispose_num,
       count(*) FILTER (WHERE dispose_need AND dispose_intime) AS dispose_intime_num,
       count(*) FILTER (WHERE archive_need) AS archive_need_num,
       count(*) FILTER (WHERE archive_need AND archived) AS archive_num,
       count(*) FILTER (WHERE archive_need AND archived AND archive_intime) AS archive_intime_num,
       coalesce(sum(rework_count) FILTER (WHERE dispose_need), 0)::int AS rework_num
FROM departments d LEFT JOIN asked a ON a.department = d.code
WHERE d.handles
GROUP BY d.code, d.name, d.position
ORDER BY d.position, d.code
