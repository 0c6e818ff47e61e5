-- Which door plates of the streets :streets have the number :number, or are the nearest to it below
-- and above?  Odd and even numbers stand on different sides, so that only those of the same parity
-- count as neighbours where there are any.  Leans on ix_addresses_street_number.
SELECT s.id AS street, p.place, p.id, p.name, p.number, p.sub, p.division,
       ST_X(p.point) AS lon, ST_Y(p.point) AS lat
FROM addresses s CROSS JOIN LATERAL (
    (SELECT 'here' AS place, a.* FROM addresses a
     WHERE a.street = s.id AND a.type = 'plate' AND a.ended_on IS NULL AND a.number = :number
     ORDER BY a.sub <> :sub, a.sub, a.id LIMIT 5)
    UNION ALL
    (SELECT 'below', a.* FROM addresses a
     WHERE a.street = s.id AND a.type = 'plate' AND a.ended_on IS NULL AND a.number < :number
     ORDER BY a.number % 2 <> CAST(:number AS integer) % 2, a.number DESC, a.id LIMIT 1)
    UNION ALL
    (SELECT 'above', a.* FROM addresses a
     WHERE a.street = s.id AND a.type = 'plate' AND a.ended_on IS NULL AND a.number > :number
     ORDER BY a.number % 2 <> CAST(:number AS integer) % 2, a.number, a.id LIMIT 1)) p
WHERE s.id = ANY(CAST(:streets AS text[]))
ORDER BY s.id, p.place, p.id
