-- Make one feature of the pieces that tile edges cut: those of one kind with the same key.
-- Returns how many pieces were united.  Small next to the import it belongs to: no index.
WITH pieces AS (
    SELECT min(row) AS row, layer, max(cls) AS cls, max(name) AS name,
           (array_agg(tags ORDER BY length(tags::text) DESC, row))[1] AS tags, key,
           CASE max(ST_Dimension(geom)) WHEN 1 THEN ST_LineMerge(ST_Union(geom))
                WHEN 0 THEN (array_agg(geom ORDER BY row))[1]
                ELSE ST_Buffer(ST_Union(geom), 0) END AS geom
    FROM incoming_base WHERE key IS NOT NULL
    GROUP BY layer, key, ST_Dimension(geom) HAVING count(*) > 1),
gone AS (
    DELETE FROM incoming_base i USING pieces p
    WHERE i.layer = p.layer AND i.key = p.key AND ST_Dimension(i.geom) = ST_Dimension(p.geom)
    RETURNING i.row),
made AS (
    INSERT INTO incoming_base (row, layer, cls, name, tags, key, geom)
    SELECT row, layer, cls, name, tags, key, geom FROM pieces
    RETURNING row)
SELECT count(*) FROM gone
