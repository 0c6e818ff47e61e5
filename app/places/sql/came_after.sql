-- Which cells that ended today gave ground to the new cells :codes?  What shares less than a
-- hundredth of the smaller one only touches.  Leans on the primary key of cells; ended ones of
-- the same county are compared by their boxes.
INSERT INTO cell_lineage (new, old)
SELECT n.code, o.code
FROM cells n
JOIN cells o ON o.ended_on = current_date AND o.geom && n.geom
    AND o.code >= left(n.code, 6) AND o.code < left(n.code, 6) || '~'
WHERE n.code = ANY(:codes) AND o.code <> n.code
  AND ST_Area(ST_Intersection(o.geom, n.geom)) > 0.01 * least(ST_Area(o.geom), ST_Area(n.geom))
ON CONFLICT DO NOTHING
