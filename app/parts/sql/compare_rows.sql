-- What would each matched row of import :id change, field by field, from what to what?  Only what
-- the file tells is compared; a place counts as moved from five centimetres on.
UPDATE import_rows r
SET changes = c.changes,
    action = CASE WHEN c.changes = '{}' THEN 'same' ELSE 'changed' END
FROM (
    SELECT r.row,
           coalesce((SELECT jsonb_object_agg(t.key, jsonb_build_array(now.was -> t.key, t.value))
                     FROM jsonb_each(r.told - 'attributes' - 'code' - 'changed_on') t
                     WHERE now.was -> t.key IS DISTINCT FROM t.value), '{}')
        || CASE WHEN r.told ? 'attributes' AND NOT p.attributes @> (r.told -> 'attributes')
           THEN jsonb_build_object('attributes', jsonb_build_array(
                p.attributes, p.attributes || (r.told -> 'attributes'))) ELSE '{}' END
        || CASE WHEN p.state = 'removed' AND NOT r.told ? 'state'
           THEN jsonb_build_object('state', jsonb_build_array('removed', 'intact')) ELSE '{}' END
        || CASE WHEN ST_HausdorffDistance(p.geom, r.geom) > 4.5e-7
           THEN jsonb_build_object('geom', jsonb_build_array(
                encode(ST_AsEWKB(p.geom), 'hex'), encode(ST_AsEWKB(r.geom), 'hex')))
           ELSE '{}' END AS changes
    FROM import_rows r
    JOIN parts p ON p.code = r.code
    CROSS JOIN LATERAL (SELECT jsonb_build_object(
        'name', p.name, 'owner', p.owner, 'external_id', p.external_id,
        'title_code', p.title_code, 'title_name', p.title_name, 'upkeep_code', p.upkeep_code,
        'upkeep_name', p.upkeep_name, 'state', p.state, 'begun_on', p.begun_on,
        'source', p.source, 'note', p.note) AS was) now
    WHERE r.import_id = :id AND r.action = 'read') c
WHERE r.import_id = :id AND r.row = c.row
