-- The parts that meet a tile, one by one: for zoom 14 and nearer.  Leans on ix_parts_geom3857.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shown AS (
    SELECT ST_AsMVTGeom(p.geom3857, tile.box, 4096, 64, true) AS geom,
           p.code, p.kind, p.name, p.state
    FROM tile JOIN parts p ON p.geom3857 && tile.box
    WHERE p.state <> 'removed')
SELECT ST_AsMVT(shown, 'parts', 4096, 'geom') FROM shown
