-- Which cell do the parts without one in the new cells :codes lie in?  On a border the lower code
-- holds.  A part that had a cell keeps its code.  Leans on ix_cells_geom and ix_parts_geom.
UPDATE parts p SET cell = found.cell
FROM (
    SELECT DISTINCT ON (p.code) p.code, c.code AS cell
    FROM cells c JOIN parts p ON p.geom && c.geom AND ST_Covers(c.geom, ST_PointOnSurface(p.geom))
    WHERE c.code = ANY(:codes) AND p.cell IS NULL
    ORDER BY p.code, c.code) found
WHERE p.code = found.code
