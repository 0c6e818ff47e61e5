-- The unit grids in use, by code, as GeoJSON.  :after :limit :srid :flip; the conditions are put in
-- place of the mark.  Leans on pk_cells, with a box on ix_cells_geom.
SELECT x.key, json_build_object('type', 'Feature', 'id', x.key,
    'geometry', ST_AsGeoJSON(CASE WHEN :flip THEN ST_FlipCoordinates(x.geom) ELSE x.geom END, 8)::json,
    'properties', json_build_object('code', x.key, 'community', x.community, 'grade', x.grade,
        'area_m2', x.area_m2, 'begun_on', x.begun_on))::text AS feature
FROM (SELECT t.code AS key, t.community, t.grade, t.area_m2, t.begun_on,
             ST_Transform(t.geom, CAST(:srid AS integer)) AS geom
      FROM cells t WHERE t.ended_on IS NULL AND t.code > :after AND /*asked*/ true
      ORDER BY t.code LIMIT :limit) x
ORDER BY x.key
