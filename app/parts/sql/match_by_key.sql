-- Which part does each row of import :id mean, by the register's own code or by the number its
-- keeper gave it?  One row a part: the first holds.  Leans on pk_parts and ix_parts_external.
UPDATE import_rows r SET code = m.code
FROM (SELECT DISTINCT ON (code) code, row
      FROM (SELECT r.row, coalesce(own.code, other.code) AS code
            FROM import_rows r
            LEFT JOIN LATERAL (
                SELECT p.code FROM parts p
                WHERE p.code = (r.told ->> 'code') COLLATE "C" AND p.kind = :kind) own ON true
            LEFT JOIN LATERAL (
                SELECT p.code FROM parts p
                WHERE own.code IS NULL AND p.kind = :kind
                  AND p.external_id = coalesce(r.told ->> 'external_id', r.told ->> 'code')
                ORDER BY p.state = 'removed', p.code LIMIT 1) other ON true
            WHERE r.import_id = :id AND r.action = 'read') named
      WHERE code IS NOT NULL ORDER BY code, row) m
WHERE r.import_id = :id AND r.row = m.row
