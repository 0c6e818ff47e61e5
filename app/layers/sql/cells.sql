-- The current unit grids that meet a tile, with their codes.  Leans on ix_cells_geom3857.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shown AS (
    SELECT ST_AsMVTGeom(c.geom3857, tile.box, 4096, 64, true) AS geom, c.code, c.community
    FROM tile JOIN cells c ON c.geom3857 && tile.box
    WHERE c.ended_on IS NULL)
SELECT ST_AsMVT(shown, 'cells', 4096, 'geom') FROM shown
