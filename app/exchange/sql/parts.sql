-- The parts that still stand, by code, as GeoJSON.  :after :limit :srid :flip; the conditions are
-- put in place of the mark.  Leans on pk_parts, with a box on ix_parts_geom.
SELECT x.key, json_build_object('type', 'Feature', 'id', x.key,
    'geometry', ST_AsGeoJSON(CASE WHEN :flip THEN ST_FlipCoordinates(x.geom) ELSE x.geom END, 8)::json,
    'properties', json_build_object('code', x.key, 'kind', substr(x.kind, 2), 'name', x.name,
        'state', x.state, 'cell', x.cell, 'begun_on', x.begun_on))::text AS feature
FROM (SELECT t.code AS key, t.kind, t.name, t.state, t.cell, t.begun_on,
             ST_Transform(t.geom, CAST(:srid AS integer)) AS geom
      FROM parts t WHERE t.state <> 'removed' AND t.code > :after AND /*asked*/ true
      ORDER BY t.code LIMIT :limit) x
ORDER BY x.key
