-- How many open cases are late :at in each area, whose codes are the first :digits of a cell's?
-- Leans on ix_cases_open_place and its like: open cases only.
SELECT left(cell, :digits) AS area, count(*) AS n
FROM cases
WHERE closed_at IS NULL AND state NOT IN ('rejected', 'void', 'merged', 'suspended')
  AND cell IS NOT NULL AND due_at < :at
GROUP BY 1
ORDER BY 1
