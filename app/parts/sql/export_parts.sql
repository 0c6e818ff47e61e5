-- The whole record of the parts that fit /*where*/, by code, shapes as WKB and WKT.
SELECT p.code AS "ObjID", p.name AS "ObjName", p.owner AS "DeptCode1", o.name AS "DeptName1",
       p.title_code AS "DeptCode2", p.title_name AS "DeptName2",
       p.upkeep_code AS "DeptCode3", p.upkeep_name AS "DeptName3", p.cell AS "BGID",
       p.state AS "ObjState", to_char(p.begun_on, 'YYYYMMDD') AS "ORDate",
       to_char(p.changed_on, 'YYYYMMDD') AS "CHDate", p.source AS "DataSource", p.note AS "Note",
       s.code AS "StreetCode", s.name AS "StreetName", c.community AS "CommCode",
       m.name AS "CommName", k.code AS "KindCode", k.name AS "KindName", p.external_id AS "ExtID",
       CASE WHEN p.attributes = '{}' THEN NULL ELSE p.attributes::text END AS "Attrs",
       ST_X(ST_PointOnSurface(p.geom)) AS "Lon", ST_Y(ST_PointOnSurface(p.geom)) AS "Lat",
       ST_AsBinary(CASE WHEN ST_Dimension(p.geom) > 0 THEN ST_Multi(p.geom) ELSE p.geom END) AS wkb,
       ST_Dimension(p.geom) AS dimension,
       CASE WHEN ST_Dimension(p.geom) > 0 THEN ST_AsText(p.geom, 8) END AS wkt,
       ST_AsGeoJSON(p.geom, 8) AS json
FROM parts p
JOIN kinds k ON k.id = p.kind
LEFT JOIN departments o ON o.code = p.owner
LEFT JOIN cells c ON c.code = p.cell AND c.ended_on IS NULL
LEFT JOIN divisions m ON m.code = c.community
LEFT JOIN divisions s ON s.code = m.parent_code
WHERE /*where*/ true
ORDER BY p.code
