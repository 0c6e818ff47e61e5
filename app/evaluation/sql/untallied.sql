-- Which tallies are not the sum of the marks, with cells summed into their areas?  Reads them all.
WITH counted AS (
    SELECT l.side, l.object, m.day, i AS indicator, count(*) AS n
    FROM marks m CROSS JOIN LATERAL unnest(m.indicators) i
    CROSS JOIN LATERAL (
        SELECT m.side, m.object WHERE m.side <> @cell
        UNION ALL SELECT @district, left(m.object, 6) WHERE m.side = @cell
        UNION ALL SELECT @street, left(m.object, 9) WHERE m.side = @cell
        UNION ALL SELECT @community, left(m.object, 12) WHERE m.side = @cell) AS l (side, object)
    GROUP BY 1, 2, 3, 4)
SELECT side, object, day, indicator, coalesce(t.n, 0) AS tallied, coalesce(c.n, 0) AS marked
FROM (SELECT * FROM tallies WHERE n <> 0) t FULL JOIN counted c USING (side, object, day, indicator)
WHERE t.n IS DISTINCT FROM c.n
ORDER BY 1, 2, 3, 4
