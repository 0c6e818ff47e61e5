-- How good is a version of a layer?  :version, :large (areas beyond which overlaps are not sought).
-- Leans on ix_layer_features_version_id and, for overlaps, ix_layer_features_geom3857.
WITH mine AS (SELECT * FROM layer_features WHERE version_id = :version),
types AS (
    SELECT coalesce(jsonb_object_agg(type, n), '{}') AS types
    FROM (SELECT GeometryType(geom) AS type, count(*) AS n FROM mine GROUP BY 1) t),
doubles AS (
    SELECT coalesce(sum(n - 1), 0)::int AS duplicates
    FROM (SELECT count(*) AS n FROM mine GROUP BY md5(ST_AsBinary(geom)), attributes
          HAVING count(*) > 1) d),
city AS (SELECT ST_Union(geom) AS geom FROM areas WHERE level = 'district'),
strays AS (
    SELECT count(*)::int AS outside FROM mine, city
    WHERE city.geom IS NOT NULL AND NOT ST_Intersects(mine.geom, city.geom)),
grounds AS (SELECT count(*) AS n FROM mine WHERE ST_Dimension(geom) = 2),
laid_over AS (
    SELECT count(*)::int AS n, coalesce(max(m2), 0) AS largest_overlap_m2
    FROM (SELECT round(ST_Area(ST_Intersection(a.geom, b.geom)::geography)::numeric, 1)::float8 AS m2
          FROM grounds, mine a
          JOIN layer_features b ON b.version_id = CAST(:version AS integer)
               AND b.geom3857 && a.geom3857 AND b.id > a.id
          WHERE grounds.n <= :large AND ST_Dimension(a.geom) = 2 AND ST_Dimension(b.geom) = 2
            AND ST_Relate(a.geom, b.geom, '2********') LIMIT 10000) o
    WHERE m2 > 1)
SELECT types.types, doubles.duplicates, strays.outside, laid_over.n AS "overlaps",
       laid_over.largest_overlap_m2,
       (SELECT count(*)::int FROM mine WHERE attributes = '{}') AS bare,
       (SELECT count(*)::int FROM layer_repairs WHERE version_id = :version) AS repairable,
       CASE WHEN (SELECT count(*) FROM mine) > 0 THEN (
           SELECT json_build_array(ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e))
           FROM (SELECT ST_Extent(geom) AS e FROM mine) x) END AS bbox
FROM types, doubles, strays, laid_over
