-- How many features of a version lie in each district and street (by a point on each)?
-- :version.  Leans on ix_layer_features_version_id; areas are few.
WITH points AS (
    SELECT ST_PointOnSurface(geom) AS point FROM layer_features WHERE version_id = :version)
SELECT a.level, coalesce(a.code, '') AS code, a.name, count(*)::int AS n
FROM points p JOIN areas a ON a.level IN ('district', 'street') AND ST_Intersects(a.geom, p.point)
GROUP BY a.level, a.code, a.name ORDER BY a.level, n DESC, a.name LIMIT 400
