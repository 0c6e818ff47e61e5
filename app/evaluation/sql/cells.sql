-- How often does each cell count for each indicator from :begin until before :end?
-- Summed from the marks: tallies of so many cells by the day would be more than the marks.
-- Leans on ix_marks_side.
SELECT m.object, i AS indicator, CAST(count(*) AS integer) AS n
FROM marks m CROSS JOIN LATERAL unnest(m.indicators) i
WHERE m.side = :side AND m.day >= :begin AND m.day < :end
GROUP BY m.object, i
