-- Which cell covers a point, and what is a person told about the place?
-- :lon :lat in EPSG:4490.  A point on an edge belongs to the cell with the lowest code.
-- Leans on ix_cells_geom, ix_base_features_geom (roads) and the keys of divisions and beats.
WITH here AS MATERIALIZED (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) AS point)
SELECT cell.code AS cell, cell.grade, beat.id AS beat_id, beat.name AS beat,
       c.code AS community_code, c.name AS community,
       s.code AS street_code, s.name AS street,
       d.code AS district_code, d.name AS district,
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
    SELECT name, ST_Distance(near.geom::geography, here.point::geography) AS metres
    FROM (SELECT name, geom FROM base_features
          WHERE layer = 'road' AND name <> '' AND geom && ST_Expand(here.point, 0.002)
          ORDER BY geom <-> here.point LIMIT 1) near) road ON road.metres <= 150
