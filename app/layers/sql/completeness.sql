-- In how many features of a version does each attribute hold something?  :version
-- Leans on ix_layer_features_version_id.
SELECT key, count(*)::int AS filled
FROM layer_features f, jsonb_object_keys(f.attributes) AS key
WHERE f.version_id = :version
GROUP BY key ORDER BY filled DESC, key LIMIT 60
