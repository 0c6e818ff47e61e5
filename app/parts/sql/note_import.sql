-- A line of history for each part that import :id changes or, if :gone is a state, lacks.
INSERT INTO part_steps (part, position, actor_id, action, import_id, changes)
SELECT p.code, p.version + 1, :actor, 'import', :id,
       CASE WHEN r.action = 'gone'
       THEN jsonb_build_object('state', jsonb_build_array(p.state, CAST(:gone AS text)))
       ELSE r.changes END
FROM import_rows r JOIN parts p ON p.code = r.code
WHERE r.import_id = :id
  AND (r.action = 'changed' OR r.action = 'gone' AND CAST(:gone AS text) <> '')
