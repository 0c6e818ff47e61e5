-- The public cases (ADR 0012), by number, as GeoJSON: filed, neither void nor rejected; the place
-- is the middle of a square of about 20 m, and days stand for instants.  :after :limit :srid :flip;
-- the conditions are put in place of the mark.  Leans on uq_cases_number, with a box on
-- ix_cases_place3857.
SELECT x.key, json_build_object('type', 'Feature', 'id', x.key,
    'geometry', ST_AsGeoJSON(CASE WHEN :flip THEN ST_FlipCoordinates(x.geom) ELSE x.geom END, 8)::json,
    'properties', json_build_object('number', x.key, 'kind', substr(x.kind, 2), 'kind_name', x.name,
        'stage', x.stage, 'state', x.state, 'district', x.district,
        'reported_on', x.reported_on, 'closed_on', x.closed_on))::text AS feature
FROM (SELECT t.number AS key, t.kind, k.name, t.stage, t.state, left(t.cell, 6) AS district,
             t.reported_at::date AS reported_on, t.closed_at::date AS closed_on,
             ST_Transform(ST_SnapToGrid(t.place, 0.0002), CAST(:srid AS integer)) AS geom
      FROM cases t JOIN kinds k ON k.id = t.kind
      WHERE t.number IS NOT NULL AND t.number > :after
        AND t.state NOT IN ('void', 'rejected', 'merged') AND /*asked*/ true
      ORDER BY t.number LIMIT :limit) x
ORDER BY x.key
