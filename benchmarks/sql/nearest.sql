-- The five points nearest to :lon :lat (EPSG:4490), of whatever kind: the floor.
SELECT id, kind FROM points ORDER BY geom <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) LIMIT 5
