-- What routing asks about a place: the bodies of the part :part, the beat of the cell :cell, and the
-- cells that begin within :metres of (:lon, :lat), EPSG:4490; :degrees is that distance or more.
-- Leans on the keys of parts and cells and on ix_cells_geom.
SELECT p.owner, p.upkeep_code AS upkeep, p.title_code AS title,
       (SELECT beat_id FROM cells WHERE code = :cell) AS beat,
       ARRAY(SELECT n.code || ' ' || coalesce(n.beat_id, 0) || ' '
                    || round(ST_Distance(n.geom::geography, here.g::geography)::numeric, 1)
             FROM cells n
             WHERE n.ended_on IS NULL AND n.code <> :cell AND ST_DWithin(n.geom, here.g, :degrees)
               AND ST_Distance(n.geom::geography, here.g::geography) <= :metres
             ORDER BY n.code) AS beside
FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) AS g) here
LEFT JOIN parts p ON p.code = :part
