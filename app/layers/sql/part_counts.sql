-- How many parts lie where, for zooms below 14: summed beforehand, never from the parts.
-- Leans on ix_part_counts_place, whose first column only a smallint can be looked up in.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shown AS (
    SELECT ST_AsMVTGeom(c.geom3857, tile.box, 4096, 64, true) AS geom, c.n
    FROM tile JOIN part_counts c ON c.z = CAST(:z AS smallint) AND c.geom3857 && tile.box)
SELECT ST_AsMVT(shown, 'parts', 4096, 'geom') FROM shown
