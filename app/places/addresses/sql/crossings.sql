-- Where do streets called one of :words meet each other?  Leans on ix_address_words_word, the
-- primary key of crossings.
SELECT a.name AS one_name, b.name AS other_name, v.word AS one_word, w.word AS other_word,
       a.division, ST_X(c.point) AS lon, ST_Y(c.point) AS lat
FROM address_words v
JOIN crossings c ON c.one = v.address
JOIN address_words w ON w.address = c.other AND w.word = ANY(CAST(:words AS text[]))
JOIN addresses a ON a.id = c.one
JOIN addresses b ON b.id = c.other
WHERE v.word = ANY(CAST(:words AS text[])) AND v.word <> w.word
ORDER BY length(v.word) + length(w.word) DESC, a.id, b.id, c.nth LIMIT 20
