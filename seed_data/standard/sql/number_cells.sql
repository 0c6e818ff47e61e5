-- Gives the cells that got no code yet the next numbers of their community, after every number that
-- was ever given there.  Leans on the primary key of cells.
UPDATE recoded_cells r SET code = n.community || lpad((n.last + n.nth)::text, greatest(:width, length((n.last + n.nth)::text)), '0')
FROM (SELECT w.old, w.community, row_number() OVER (PARTITION BY w.community ORDER BY w.old) AS nth,
             (SELECT coalesce(max(substr(c.code, 13)::int), 0)
              FROM (SELECT code FROM cells WHERE starts_with(code, w.community)
                    UNION ALL SELECT code FROM recoded_cells k WHERE k.community = w.community) c
              WHERE length(c.code) = 12 + :width AND substr(c.code, 13) ~ '^[0-9]+$') AS last
      FROM recoded_cells w WHERE w.code IS NULL) n
WHERE r.old = n.old
