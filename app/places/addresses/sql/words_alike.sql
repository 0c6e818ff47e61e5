-- Which places are called nearly :needle, or sound like :pinyin?  The likest first.
-- Leans on ix_address_words_alike (trigrams), ix_address_words_pinyin.
WITH found AS (
    SELECT word, how, address, similarity(word, :needle) AS likeness FROM address_words
    WHERE word % :needle
    UNION ALL
    SELECT word, how, address, 0.9 FROM address_words WHERE pinyin = :pinyin),
best AS (
    SELECT DISTINCT ON (address) * FROM found ORDER BY address, likeness DESC)
SELECT b.word, b.how, b.likeness::float8 AS likeness, a.id, a.type, a.name, a.division, a.street,
       a.number, a.category, ST_X(a.point) AS lon, ST_Y(a.point) AS lat
FROM best b JOIN addresses a ON a.id = b.address
WHERE a.ended_on IS NULL
ORDER BY b.likeness DESC, b.address LIMIT 15
