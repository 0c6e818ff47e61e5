-- How many features has a version, and how much ground and length?  m2 and m on the ellipsoid.
-- :version.  Leans on ix_layer_features_version_id.
SELECT count(*)::int AS features,
       coalesce(sum(ST_Area(geom::geography)) FILTER (WHERE ST_Dimension(geom) = 2), 0) AS area_m2,
       coalesce(sum(ST_Length(geom::geography)) FILTER (WHERE ST_Dimension(geom) = 1), 0) AS length_m
FROM layer_features WHERE version_id = :version
