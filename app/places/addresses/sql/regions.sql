-- Which divisions with a known ground are called one of :pieces, or so without their last word
-- (东昌府 for 东昌府区)?  Areas are few: read whole.
SELECT d.code, d.name,
       CASE WHEN d.name = ANY(CAST(:pieces AS text[])) THEN d.name
            ELSE regexp_replace(d.name, '(街道|社区|新区|区|县|市|镇|乡|村)$', '') END AS word,
       ST_X(p.point) AS lon, ST_Y(p.point) AS lat
FROM areas a JOIN divisions d ON d.code = a.code
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(a.geom) AS point) p
WHERE d.name = ANY(CAST(:pieces AS text[]))
   OR (length(d.name) > 2
       AND regexp_replace(d.name, '(街道|社区|新区|区|县|市|镇|乡|村)$', '')
           = ANY(CAST(:pieces AS text[])))
ORDER BY length(d.name) DESC, d.code LIMIT 20
