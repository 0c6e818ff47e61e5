-- Which incoming places are in the register already: the same number on the same street, or the
-- same name within :near degrees?  They get the new position and category if those differ; then
-- they are taken out.  Returns how many were changed.
-- Leans on ix_addresses_street_number and ix_address_words_word.
WITH known AS (
    SELECT DISTINCT ON (i.row, i.type) i.row, i.type, a.id, i.geom, i.category
    FROM incoming_addresses i
    JOIN addresses a ON a.type = i.type AND a.ended_on IS NULL
        AND (i.type = 'plate' AND a.street = i.street AND a.number = i.number AND a.sub = i.sub
             OR i.type <> 'plate' AND ST_DWithin(a.point, i.geom, :near)
                AND a.id IN (SELECT w.address FROM address_words w WHERE w.word = i.word))
    WHERE i.type <> 'street'
    ORDER BY i.row, i.type, a.geom <-> i.geom, a.id),
moved AS (
    UPDATE addresses a SET geom = k.geom, point = ST_PointOnSurface(k.geom),
        category = coalesce(nullif(k.category, ''), a.category), changed_on = current_date,
        version = a.version + 1
    FROM (SELECT DISTINCT ON (id) * FROM known ORDER BY id, row) k
    WHERE a.id = k.id AND (NOT ST_Equals(a.geom, k.geom)
        OR k.category <> '' AND k.category <> a.category)
    RETURNING a.id),
gone AS (DELETE FROM incoming_addresses i USING known k WHERE i.row = k.row AND i.type = k.type)
SELECT count(*) FROM moved
