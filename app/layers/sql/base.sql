-- The base map of a tile: one vector layer a kind of feature, small things left out from afar.
-- Leans on ix_base_features_geom3857.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, 40075016.7 / (2 ^ CAST(:z AS integer)) / 256 AS pixel),
near AS (
    SELECT f.layer, f.cls AS class, f.name,
           ST_AsMVTGeom(f.geom3857, tile.box, 4096, 64, true) AS geom
    FROM tile JOIN base_features f ON f.geom3857 && tile.box
    WHERE CASE f.layer
              WHEN 'building' THEN CAST(:z AS integer) >= 15
              WHEN 'road' THEN CAST(:z AS integer) >= 14 OR f.cls <> 'lane'
              WHEN 'place' THEN f.cls = 'district' OR CAST(:z AS integer) >= 12
              ELSE ST_XMax(f.geom3857) - ST_XMin(f.geom3857) > 2 * tile.pixel END)
SELECT string_agg(layer, ''::bytea) FROM (
    SELECT ST_AsMVT(n, 'water', 4096, 'geom') FROM (SELECT geom, name FROM near WHERE layer = 'water') n
    UNION ALL
    SELECT ST_AsMVT(n, 'green', 4096, 'geom') FROM (SELECT geom, name FROM near WHERE layer = 'green') n
    UNION ALL
    SELECT ST_AsMVT(n, 'building', 4096, 'geom') FROM (SELECT geom, name FROM near WHERE layer = 'building') n
    UNION ALL
    SELECT ST_AsMVT(n, 'road', 4096, 'geom') FROM (SELECT geom, name, class FROM near WHERE layer = 'road') n
    UNION ALL
    SELECT ST_AsMVT(n, 'place', 4096, 'geom') FROM (SELECT geom, name, class AS level FROM near WHERE layer = 'place') n
) AS tiles (layer)
