-- Makes streets of door plates whose street nobody drew: a line through them by number, one for
-- each group of plates within :reach degrees of each other.
INSERT INTO whole_streets (word, name, alias, former, category, geom)
SELECT p.street_word, min(p.street_name), '{}', '{}', 'traced',
       CASE WHEN count(DISTINCT p.spot) > 1
            THEN ST_MakeLine(p.spot ORDER BY p.number, p.row) ELSE min(p.spot::text)::geometry END
FROM (SELECT i.row, i.street_word, i.street_name, i.number, ST_PointOnSurface(i.geom) AS spot,
             ST_ClusterDBSCAN(i.geom, CAST(:reach AS float8), 1) OVER (PARTITION BY i.street_word) AS n
      FROM incoming_addresses i WHERE i.type = 'plate' AND i.street IS NULL) p
GROUP BY p.street_word, p.n
