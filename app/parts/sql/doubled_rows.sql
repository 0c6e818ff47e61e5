-- Which rows of import :id carry a number that an earlier row carries too?  They are put aside.
UPDATE import_rows r
SET action = 'aside', reason = :reason, facts = jsonb_build_object('row', d.first), repair = ''
FROM (SELECT row, min(row) OVER (
          PARTITION BY coalesce(told ->> 'code', told ->> 'external_id')) AS first
      FROM import_rows
      WHERE import_id = :id AND row > 0 AND action <> 'aside'
        AND told ?| ARRAY['external_id', 'code']) d
WHERE r.import_id = :id AND r.row = d.row AND d.row > d.first
