-- Which open cases, or ones closed within the last week, lie within :metres of a point and were
-- reported since :since?  :lon :lat in EPSG:4490; the box is in the projection of the index.
-- What the asker may not see is left out (the condition is put in place of the mark).
-- Leans on ix_cases_place3857.
WITH here AS MATERIALIZED (
    SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) AS point,
           ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), 3857) AS flat),
near AS (
    SELECT c.id, ST_DistanceSphere(c.place, here.point) AS metres
    FROM here JOIN cases c
      ON c.place3857 && ST_Expand(here.flat, :metres / cos(radians(ST_Y(here.point))))
    WHERE c.reported_at >= :since AND (c.closed_at IS NULL OR c.closed_at >= :closed_since)
      AND c.state NOT IN ('void', 'rejected', 'merged') AND /*visible*/ true
    ORDER BY c.place3857 <-> here.flat LIMIT 200)
SELECT id, metres FROM near WHERE metres <= :metres ORDER BY metres, id
