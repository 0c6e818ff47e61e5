-- Which cases does :indicator count for :object (for an area: for the cells whose codes begin with
-- it) from :begin until before :end?  A case is there as often as it counts, the newest first.
-- Leans on ix_marks_side.
SELECT m.case_id
FROM marks m CROSS JOIN LATERAL unnest(m.indicators) i
WHERE m.side = :side AND m.day >= :begin AND m.day < :end AND i = :indicator
  AND m.object >= :object AND CASE WHEN :whole THEN m.object = :object
                                   ELSE m.object < CAST(:object AS text) || ':' END
ORDER BY m.day DESC, m.case_id DESC
