-- Which cell covers a point, and what is a person told about the place?
-- :lon :lat in EPSG:4490.  A point on an edge belongs to the cell with the lowest code.
-- The nearest door plate within 50 m, else the nearest point of interest within 100 m, else the
-- nearest crossing within 150 m, else the nearest road: what an agent would say.
-- Leans on ix_cells_geom, ix_addresses_plate_point, ix_addresses_poi_point, ix_crossings_point,
-- ix_base_features_geom (roads) and the keys of divisions and beats.
WITH here AS MATERIALIZED (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) AS point)
SELECT cell.code AS cell, cell.grade, beat.id AS beat_id, beat.name AS beat,
       c.code AS community_code, c.name AS community,
       s.code AS street_code, s.name AS street,
       d.code AS district_code, d.name AS district,
       plate.name AS plate, plate.lon AS plate_lon, plate.lat AS plate_lat,
       poi.name AS poi, poi.lon AS poi_lon, poi.lat AS poi_lat,
       crossing.one AS crossing_one, crossing.other AS crossing_other,
       crossing.lon AS crossing_lon, crossing.lat AS crossing_lat,
       road.name AS road, round(road.metres) AS road_metres
FROM here
CROSS JOIN LATERAL (
    SELECT * FROM cells
    WHERE ended_on IS NULL AND ST_Covers(geom, here.point) ORDER BY code LIMIT 1) cell
LEFT JOIN beats beat ON beat.id = cell.beat_id
LEFT JOIN divisions c ON c.code = cell.community
LEFT JOIN divisions s ON s.code = c.parent_code
LEFT JOIN divisions d ON d.code = s.parent_code
LEFT JOIN LATERAL (
    SELECT near.name, ST_X(near.point) AS lon, ST_Y(near.point) AS lat
    FROM (SELECT name, point FROM addresses
          WHERE type = 'plate' AND ended_on IS NULL AND point && ST_Expand(here.point, 0.0006)
          ORDER BY point <-> here.point LIMIT 1) near
    WHERE ST_DistanceSphere(near.point, here.point) <= 50) plate ON true
LEFT JOIN LATERAL (
    SELECT near.name, ST_X(near.point) AS lon, ST_Y(near.point) AS lat
    FROM (SELECT name, point FROM addresses
          WHERE type = 'poi' AND ended_on IS NULL AND plate.name IS NULL
            AND point && ST_Expand(here.point, 0.0012)
          ORDER BY point <-> here.point LIMIT 1) near
    WHERE ST_DistanceSphere(near.point, here.point) <= 100) poi ON true
LEFT JOIN LATERAL (
    SELECT one.name AS one, other.name AS other, ST_X(near.point) AS lon, ST_Y(near.point) AS lat
    FROM (SELECT one, other, point FROM crossings
          WHERE plate.name IS NULL AND poi.name IS NULL
            AND point && ST_Expand(here.point, 0.0018)
          ORDER BY point <-> here.point LIMIT 1) near
    JOIN addresses one ON one.id = near.one JOIN addresses other ON other.id = near.other
    WHERE ST_DistanceSphere(near.point, here.point) <= 150) crossing ON true
LEFT JOIN LATERAL (
    SELECT name, ST_Distance(near.geom::geography, here.point::geography) AS metres
    FROM (SELECT name, geom FROM base_features
          WHERE layer = 'road' AND name <> '' AND geom && ST_Expand(here.point, 0.002)
          ORDER BY geom <-> here.point LIMIT 1) near) road ON road.metres <= 150
