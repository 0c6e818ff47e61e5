-- What are the divisions above and including :codes called?  Leans on the primary key of divisions.
SELECT given.code AS of, d.code, d.name
FROM unnest(CAST(:codes AS text[])) AS given (code)
JOIN divisions d ON d.code IN (given.code, left(given.code, 9), left(given.code, 6),
                               left(given.code, 4), left(given.code, 2))
ORDER BY given.code, d.code
