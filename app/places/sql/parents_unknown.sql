-- Which sound incoming divisions of :level have a parent that is nowhere?
SELECT code, parent_code FROM incoming_divisions i
WHERE reason IS NULL AND level = :level AND parent_code IS NOT NULL
  AND NOT EXISTS (SELECT FROM incoming_divisions p WHERE p.code = i.parent_code)
  AND NOT EXISTS (SELECT FROM divisions d WHERE d.code = i.parent_code)
ORDER BY code
