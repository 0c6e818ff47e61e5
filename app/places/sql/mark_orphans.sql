-- Which sound incoming divisions of :level have no sound parent, here or in the tree?  They are
-- marked.  Leans on the index that the import makes, and on the primary key of divisions.
UPDATE incoming_divisions i SET reason = 'orphan', facts = jsonb_build_object('parent', parent_code)
WHERE reason IS NULL AND level = :level AND parent_code IS NOT NULL
  AND NOT EXISTS (SELECT FROM incoming_divisions p
                  WHERE p.code = i.parent_code AND p.reason IS NULL)
  AND NOT EXISTS (SELECT FROM divisions d WHERE d.code = i.parent_code)
