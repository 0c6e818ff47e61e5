-- The five parts of :kind nearest to :lon :lat (EPSG:4490).  Leans on ix_parts_kind_centre.
SELECT code FROM parts WHERE kind = :kind
ORDER BY ST_Centroid(geom) <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) LIMIT 5
