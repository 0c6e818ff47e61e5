-- Which :most parts of :kind are nearest to :lon :lat (EPSG:4490)?  Leans on ix_parts_kind_centre.
SELECT p.code, p.kind, p.name, p.state, ST_X(p.middle) AS lon, ST_Y(p.middle) AS lat,
       ST_Distance(p.middle::geography, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)::geography)
           AS distance
FROM (SELECT code, kind, name, state, ST_Centroid(geom) AS middle FROM parts
      WHERE kind = :kind AND state <> 'removed'
      ORDER BY ST_Centroid(geom) <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4490)
      LIMIT :most) p
ORDER BY distance, p.code
