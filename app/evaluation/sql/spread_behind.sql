-- Which cases does the spread count for a kind, a source or an hour of the day ('' and null: any)?
-- As in spread.sql, for all objects of a side; the newest first.
-- Leans on ix_marks_side and the key of cases.
SELECT m.case_id
FROM marks m CROSS JOIN LATERAL unnest(m.indicators) i JOIN cases c ON c.id = m.case_id
WHERE m.side = :side AND m.day >= :begin AND m.day < :end AND i = :indicator
  AND (:kind = '' OR c.kind = :kind) AND (:source = '' OR c.source = :source)
  AND (CAST(:hour AS integer) IS NULL
       OR extract(hour FROM c.reported_at AT TIME ZONE 'Asia/Shanghai') = :hour)
ORDER BY m.day DESC, m.case_id DESC
