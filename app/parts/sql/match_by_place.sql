-- Which part does each row of import :id mean that no number has told, by lying within :metres of
-- it?  A row with a number only means a part that has none.  One row a part: the nearest holds.  Leans on ix_parts_kind_centre.
UPDATE import_rows r SET code = m.code
FROM (SELECT DISTINCT ON (code) code, row
      FROM (SELECT r.row, p.code, p.metres
            FROM import_rows r
            CROSS JOIN LATERAL (
                SELECT p.code, p.external_id, ST_Distance(ST_Centroid(p.geom)::geography,
                                           ST_Centroid(r.geom)::geography) AS metres
                FROM parts p
                WHERE p.kind = :kind AND p.state <> 'removed'
                  AND ST_Centroid(p.geom) && ST_Expand(ST_Centroid(r.geom), :degrees)
                ORDER BY ST_Centroid(p.geom) <-> ST_Centroid(r.geom) LIMIT 1) p
            WHERE r.import_id = :id AND r.action = 'read' AND r.code IS NULL
              AND (p.external_id IS NULL OR NOT r.told ?| ARRAY['external_id', 'code'])) near
      WHERE metres <= :metres
        AND code NOT IN (SELECT code FROM import_rows WHERE import_id = :id AND code IS NOT NULL)
      ORDER BY code, metres, row) m
WHERE r.import_id = :id AND r.row = m.row
