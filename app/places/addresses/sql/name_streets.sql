-- Finds the street of each incoming door plate: the nearest of that name within :reach degrees.
-- Leans on ix_address_words_word.
UPDATE incoming_addresses i SET street = found.id
FROM (
    SELECT DISTINCT ON (p.row) p.row, a.id
    FROM incoming_addresses p
    JOIN address_words w ON w.word = p.street_word
    JOIN addresses a ON a.id = w.address AND a.type = 'street' AND a.ended_on IS NULL
        AND ST_DWithin(a.geom, p.geom, :reach)
    WHERE p.type = 'plate'
    ORDER BY p.row, a.geom <-> p.geom, a.id) found
WHERE i.row = found.row AND i.type = 'plate'
