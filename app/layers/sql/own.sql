-- The features of one version of a layer that meet a tile, with their attributes; what would be
-- smaller than half a pixel is left out.  :z :x :y, :version, :name (the layer in the tile).
-- Leans on ix_layer_features_geom3857.
WITH tile AS (
    SELECT ST_TileEnvelope(:z, :x, :y) AS box, 40075016.7 / (2 ^ CAST(:z AS integer)) / 512 AS least),
shown AS (
    SELECT ST_AsMVTGeom(f.geom3857, tile.box, 4096, 64, true) AS geom, f.id, f.attributes
    FROM tile JOIN layer_features f
         ON f.version_id = CAST(:version AS integer) AND f.geom3857 && tile.box
    WHERE ST_Dimension(f.geom3857) = 0
       OR greatest(ST_XMax(f.geom3857) - ST_XMin(f.geom3857),
                   ST_YMax(f.geom3857) - ST_YMin(f.geom3857)) > tile.least
    ORDER BY f.id LIMIT 20000)
SELECT ST_AsMVT(shown, :name, 4096, 'geom', 'id') FROM shown
