-- Which places are called one of :pieces (parts of the query)?  The longest names first, a few each.
-- Leans on ix_address_words_word and the primary key of addresses.
WITH found AS (
    SELECT w.word, w.how, w.address,
           row_number() OVER (PARTITION BY w.word ORDER BY w.how <> 'name', w.address) AS nth
    FROM address_words w WHERE w.word = ANY(CAST(:pieces AS text[])))
SELECT f.word, f.how, 1.0::float8 AS likeness, a.id, a.type, a.name, a.division, a.street, a.number,
       a.category, ST_X(a.point) AS lon, ST_Y(a.point) AS lat
FROM found f JOIN addresses a ON a.id = f.address
WHERE f.nth <= 12 AND a.ended_on IS NULL
ORDER BY length(f.word) DESC, f.word, f.nth LIMIT 120
