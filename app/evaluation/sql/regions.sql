-- Which areas have codes of :length characters (more than a cell has: the cells themselves), what
-- are they called, how many cells in use have they, and of which grade are most of those (A is 1)?
-- Leans on the keys of cells and divisions and on uq_areas_code.
SELECT l.code, coalesce(d.name, a.name, l.code) AS name, l.grids, l.grade
FROM (SELECT left(code, :length) AS code, CAST(count(*) AS integer) AS grids,
             ascii(mode() WITHIN GROUP (ORDER BY grade)) - 64 AS grade
      FROM cells WHERE ended_on IS NULL GROUP BY 1) l
LEFT JOIN divisions d ON d.code = l.code
LEFT JOIN areas a ON a.code = l.code
ORDER BY l.code
