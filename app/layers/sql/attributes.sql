-- What do the attributes of a version hold: how often filled, how many values, the commonest ones,
-- and of numbers the least, the greatest and the mean?  :version
-- Leans on ix_layer_features_version_id.
WITH pairs AS (
    SELECT a.key, a.value, jsonb_typeof(a.value) = 'number' AS is_number
    FROM layer_features f, jsonb_each(f.attributes) a WHERE f.version_id = :version),
counted AS (
    SELECT key, value #>> '{}' AS value, count(*) AS n,
           row_number() OVER (PARTITION BY key ORDER BY count(*) DESC, value #>> '{}') AS place
    FROM pairs GROUP BY key, value),
facts AS (
    SELECT key, count(*)::int AS filled, count(DISTINCT value)::int AS different,
           bool_and(is_number) AS is_number,
           min((value #>> '{}')::float8) FILTER (WHERE is_number) AS least,
           max((value #>> '{}')::float8) FILTER (WHERE is_number) AS most,
           avg((value #>> '{}')::float8) FILTER (WHERE is_number) AS mean
    FROM pairs GROUP BY key)
SELECT f.key, f.filled, f.different, f.is_number, f.least, f.most, f.mean,
       (SELECT json_agg(json_build_array(left(c.value, 60), c.n) ORDER BY c.place)
        FROM counted c WHERE c.key = f.key AND c.place <= 8) AS common
FROM facts f ORDER BY f.filled DESC, f.key LIMIT 60
