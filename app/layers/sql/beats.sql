-- The beats (责任网格) of the first shift that meet a tile, with their names.
-- Leans on ix_beats_geom3857.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shown AS (
    SELECT ST_AsMVTGeom(b.geom3857, tile.box, 4096, 64, true) AS geom, b.id, b.name
    FROM tile JOIN beats b ON b.geom3857 && tile.box
    WHERE b.shift_id = (SELECT min(id) FROM shifts))
SELECT ST_AsMVT(shown, 'beats', 4096, 'geom') FROM shown
