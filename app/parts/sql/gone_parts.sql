-- Which parts of :kind stand inside the box of import :id's rows but in none of them?  They are
-- added with negative numbers.  Leans on ix_parts_geom and ix_import_rows_code.
INSERT INTO import_rows (import_id, row, action, code, seen)
SELECT :id, -row_number() OVER (ORDER BY p.code), 'gone', p.code,
       round(ST_X(p.middle)::numeric, 6) || ', ' || round(ST_Y(p.middle)::numeric, 6)
FROM (SELECT p.code, ST_PointOnSurface(p.geom) AS middle
      FROM parts p, (SELECT ST_SetSRID(ST_Extent(geom)::geometry, 4490) AS box FROM import_rows
                     WHERE import_id = :id AND row > 0 AND action <> 'aside') scope
      WHERE p.kind = :kind AND p.state <> 'removed' AND p.geom && scope.box
        AND NOT EXISTS (SELECT FROM import_rows r WHERE r.import_id = :id AND r.code = p.code)) p
