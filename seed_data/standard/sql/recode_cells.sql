-- What code does each cell in use get when sequences become :width digits wide?  The one of the cell
-- it came from, if that had such a code and the same ground; else the same number, if nobody ever
-- had that code; else null, for the next free numbers.  Leans on the primary keys of cells and
-- cell_lineage.
CREATE TEMP TABLE recoded_cells ON COMMIT DROP AS
WITH wanted AS (
    SELECT c.code AS old, c.community, former.code AS former,
           CASE WHEN substr(c.code, 13) ~ '^[0-9]+$' AND substr(c.code, 13)::int < 10 ^ CAST(:width AS int)
                THEN c.community || lpad(substr(c.code, 13)::int::text, :width, '0') END AS same
    FROM cells c
    LEFT JOIN LATERAL (
        SELECT o.code FROM cell_lineage l JOIN cells o ON o.code = l.old
        WHERE l.new = c.code AND o.ended_on IS NOT NULL AND length(o.code) = 12 + :width
          AND ST_Equals(o.geom, c.geom) ORDER BY o.code LIMIT 1) former ON true
    WHERE c.ended_on IS NULL)
SELECT w.old, w.community, w.former IS NOT NULL AS revived,
       coalesce(w.former, CASE WHEN taken.code IS NULL THEN w.same END) AS code
FROM wanted w LEFT JOIN cells taken ON taken.code = w.same
