-- Which whole streets are in the register already: one of the same name within :reach degrees?
-- Those get the new pieces; the others are new.  Leans on ix_address_words_word.
WITH known AS (
    SELECT DISTINCT ON (w.ctid) w.ctid AS row, a.id, w.geom
    FROM whole_streets w
    JOIN address_words v ON v.word = w.word
    JOIN addresses a ON a.id = v.address AND a.type = 'street' AND a.ended_on IS NULL
        AND ST_DWithin(a.geom, w.geom, :reach)
    ORDER BY w.ctid, a.geom <-> w.geom),
joined AS (
    UPDATE addresses a SET geom = k.geom, point = ST_PointOnSurface(k.geom),
        changed_on = current_date, version = a.version + 1
    FROM (SELECT id, ST_LineMerge(ST_UnaryUnion(ST_Collect(geom))) AS geom
          FROM (SELECT id, geom FROM known
                UNION ALL SELECT a.id, a.geom FROM addresses a JOIN known USING (id)) both_
          GROUP BY id) k
    WHERE a.id = k.id AND NOT ST_Equals(a.geom, k.geom)
    RETURNING a.id),
gone AS (DELETE FROM whole_streets WHERE ctid IN (SELECT row FROM known))
SELECT count(*) FROM joined
