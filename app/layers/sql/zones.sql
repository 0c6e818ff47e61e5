-- The zones (开发区, 高新区) that meet a tile, with their names.  Leans on ix_zones_geom3857.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shown AS (
    SELECT ST_AsMVTGeom(b.geom3857, tile.box, 4096, 64, true) AS geom, b.code, b.name
    FROM tile JOIN zones b ON b.geom3857 && tile.box)
SELECT ST_AsMVT(shown, 'zones', 4096, 'geom') FROM shown
