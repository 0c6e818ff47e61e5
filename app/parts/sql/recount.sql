-- How many parts lie in each square of 1/64 of a tile at zoom :finest, and where their middle is?
-- Reads all parts once; runs in the background after an import.
INSERT INTO part_counts (z, gx, gy, n, geom3857)
SELECT CAST(:finest AS smallint), gx, gy, count(*), ST_SetSRID(ST_MakePoint(avg(x), avg(y)), 3857)
FROM (
    SELECT x, y,
           floor((x + 20037508.342789244) / side)::int AS gx,
           floor((20037508.342789244 - y) / side)::int AS gy
    FROM (SELECT ST_X(p) AS x, ST_Y(p) AS y,
                 40075016.685578488 / (2 ^ CAST(:finest AS integer)) / 64 AS side
          FROM (SELECT ST_Centroid(geom3857) AS p FROM parts WHERE state <> 'removed') middles) placed
) squared
GROUP BY gx, gy
