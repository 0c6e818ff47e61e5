-- Which places have the initials :letters, or a name that begins to sound like them?
-- Leans on ix_address_words_initials and ix_address_words_pinyin.
WITH found AS (
    (SELECT word, how, address, 1.0 AS likeness FROM address_words
     WHERE initials = :letters OR pinyin = :letters ORDER BY word LIMIT 60)
    UNION ALL
    (SELECT word, how, address, 0.8 FROM address_words
     WHERE initials > :letters AND initials < :after ORDER BY initials, word LIMIT 30)
    UNION ALL
    (SELECT word, how, address, 0.8 FROM address_words
     WHERE pinyin > :letters AND pinyin < :after ORDER BY pinyin, word LIMIT 30)),
best AS (
    SELECT DISTINCT ON (address) * FROM found ORDER BY address, likeness DESC)
SELECT b.word, b.how, b.likeness::float8 AS likeness, a.id, a.type, a.name, a.division, a.street,
       a.number, a.category, ST_X(a.point) AS lon, ST_Y(a.point) AS lat
FROM best b JOIN addresses a ON a.id = b.address
WHERE a.ended_on IS NULL
ORDER BY b.likeness DESC, length(b.word), b.address LIMIT 40
