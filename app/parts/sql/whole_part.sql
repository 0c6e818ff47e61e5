-- What is all that is known of part :code: the fields of the standard, its shape, its places?
-- Leans on pk_parts, pk_cells, pk_divisions, pk_kinds, pk_departments.
SELECT p.code, p.kind, p.name, p.owner, o.name AS owner_name, p.title_code, p.title_name,
       p.upkeep_code, p.upkeep_name, p.cell, p.state, p.source, p.begun_on, p.changed_on, p.note,
       p.external_id, p.attributes, p.import_id, p.version,
       k.name AS kind_name, k.big_code, k.big_name, k.geometry AS kind_geometry, k.accuracy_class,
       s.code AS street_code, s.name AS street_name, c.community AS community_code,
       m.name AS community_name,
       ST_X(ST_PointOnSurface(p.geom)) AS lon, ST_Y(ST_PointOnSurface(p.geom)) AS lat,
       ST_AsGeoJSON(p.geom, 7) AS geometry
FROM parts p
JOIN kinds k ON k.id = p.kind
LEFT JOIN departments o ON o.code = p.owner
LEFT JOIN LATERAL (SELECT community FROM cells WHERE code = p.cell ORDER BY ended_on DESC NULLS FIRST LIMIT 1) c ON true
LEFT JOIN divisions m ON m.code = c.community
LEFT JOIN divisions s ON s.code = m.parent_code
WHERE p.code = :code
