-- What the database guards by itself, whoever writes to it.

CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Pairs of neighbouring characters: two characters are the usual Chinese needle, and
-- trigrams cannot find them.
CREATE FUNCTION bigrams(words text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT coalesce(array_agg(DISTINCT substr(words, i, 2)), '{}')
    FROM generate_series(1, length(words) - 1) i
$$;
