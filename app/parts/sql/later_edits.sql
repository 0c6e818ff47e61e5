-- Which parts that import :id brought or changed were changed again since?  Leans on
-- ix_parts_import_code and ix_part_steps_import_id.
SELECT code FROM (
    SELECT p.code FROM parts p WHERE p.import_id = :id AND p.version > 1
    UNION
    SELECT p.code FROM part_steps s JOIN parts p ON p.code = s.part
    WHERE s.import_id = :id AND s.action = 'import' AND p.version > s.position) later
ORDER BY code LIMIT :most
