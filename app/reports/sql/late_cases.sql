-- Which open cases are late :at, the latest first: in the area :area ("" is the whole city)?
-- Leans on the index of open cases; :area is the beginning of a cell's code.
SELECT id, due_at
FROM cases
WHERE closed_at IS NULL AND state NOT IN ('rejected', 'void', 'merged', 'suspended')
  AND due_at < :at AND cell LIKE :area || '%'
ORDER BY due_at, id
LIMIT 200
