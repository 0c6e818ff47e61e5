-- Follows ``marks.sql``: which marks of the cases :ids are not what their journals say?
-- Leans on the key of marks.
, old AS (SELECT m.* FROM marks m WHERE m.case_id = ANY(CAST(:ids AS bigint[])))
SELECT coalesce(o.case_id, f.case_id) AS case_id, coalesce(o.side, f.side) AS side,
       coalesce(o.object, f.object) AS object, coalesce(o.day, f.day) AS day,
       o.indicators AS marked, f.indicators AS told
FROM fresh f FULL JOIN old o ON o.case_id = f.case_id AND o.side = f.side
                            AND o.object = f.object AND o.day = f.day
WHERE o.indicators IS DISTINCT FROM f.indicators
ORDER BY 1, 2, 3, 4
