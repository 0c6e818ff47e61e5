-- A line of history for each part that import :id changed, with its changes turned round, and for
-- each part that it brought, which is removed: codes are never given twice.
INSERT INTO part_steps (part, position, actor_id, action, import_id, changes)
SELECT s.part, s.position + 1, :actor, 'undo', :id,
       (SELECT jsonb_object_agg(c.key, jsonb_build_array(c.value -> 1, c.value -> 0))
        FROM jsonb_each(s.changes) c)
FROM part_steps s WHERE s.import_id = :id AND s.action = 'import'
UNION ALL
SELECT p.code, p.version + 1, :actor, 'undo', :id,
       jsonb_build_object('state', jsonb_build_array(p.state, 'removed'))
FROM parts p WHERE p.import_id = :id AND p.state <> 'removed'
