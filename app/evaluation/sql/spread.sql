-- Of what kinds, from what sources and from what hours of the day are the cases that :indicator
-- counts for :object ('' for all of the side) from :begin until before :end?
-- Leans on ix_marks_side and the key of cases.
SELECT c.kind, k.name, c.source, CAST(count(*) AS integer) AS n,
       CAST(extract(hour FROM c.reported_at AT TIME ZONE 'Asia/Shanghai') AS integer) AS hour
FROM marks m CROSS JOIN LATERAL unnest(m.indicators) i
JOIN cases c ON c.id = m.case_id JOIN kinds k ON k.id = c.kind
WHERE m.side = :side AND m.day >= :begin AND m.day < :end AND i = :indicator
  AND m.object >= :object
  AND CASE WHEN :object = '' THEN true WHEN :whole THEN m.object = :object
           ELSE m.object < CAST(:object AS text) || ':' END
GROUP BY c.kind, k.name, c.source, hour
