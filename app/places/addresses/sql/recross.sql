-- Where do streets meet?  Every pair that touches or comes within :reach degrees; carriageways of one
-- crossing, within :apart degrees of each other, are one place.  A pair is stored both ways round.
-- :only is one street, or null for all.  Leans on ix_addresses_street_geom.
WITH met AS (
    SELECT a.id AS one, b.id AS other, (ST_Dump(ST_Centroid(g.shape))).geom AS point
    FROM addresses a
    JOIN addresses b ON b.type = 'street' AND b.ended_on IS NULL AND a.name <> b.name
        AND (a.id < b.id OR CAST(:only AS text) IS NOT NULL AND a.id <> b.id)
        AND ST_DWithin(a.geom, b.geom, :reach)
    CROSS JOIN LATERAL (
        SELECT (ST_Dump(CASE WHEN ST_Intersects(a.geom, b.geom)
                             THEN ST_Intersection(a.geom, b.geom)
                             ELSE ST_ClosestPoint(a.geom, b.geom) END)).geom AS shape) g
    WHERE a.type = 'street' AND a.ended_on IS NULL
      AND ST_Dimension(a.geom) = 1 AND ST_Dimension(b.geom) = 1
      AND (CAST(:only AS text) IS NULL OR a.id = :only)),
grouped AS (
    SELECT one, other, point,
           ST_ClusterDBSCAN(point, CAST(:apart AS float8), 1) OVER (PARTITION BY one, other) AS n
    FROM met),
places AS (
    SELECT one, other, n + 1 AS nth, ST_Centroid(ST_Collect(point)) AS point
    FROM grouped GROUP BY one, other, n)
INSERT INTO crossings (one, other, nth, point)
SELECT one, other, nth, point FROM places
UNION ALL
SELECT other, one, nth, point FROM places
