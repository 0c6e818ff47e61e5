-- Move to base_retired what came from the imports of :source (null: from anywhere) and is of the
-- incoming kinds.  :self the import.  Leans on ix_base_features_import_id.
WITH gone AS (
    DELETE FROM base_features b
    WHERE b.layer IN (SELECT DISTINCT layer FROM incoming_base)
      AND (CAST(:source AS text) IS NULL
           OR b.import_id IN (SELECT id FROM base_imports WHERE source = :source AND id <> :self))
    RETURNING b.import_id, b.layer, b.cls, b.name, b.tags, b.geom),
kept AS (
    INSERT INTO base_retired (retired_by, import_id, layer, cls, name, tags, geom)
    SELECT :self, import_id, layer, cls, name, tags, geom FROM gone RETURNING id)
SELECT count(*) FROM kept
