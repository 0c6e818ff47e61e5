-- The open cases that meet a tile and that the asker may see (the condition is put in place of
-- the mark), each with its lamp at :at.  Leans on ix_cases_open_place.
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
shown AS (
    SELECT ST_AsMVTGeom(c.place3857, tile.box, 4096, 64, true) AS geom,
           c.uid::text AS uid, coalesce(c.number, '') AS number, c.kind, c.state, c.stage,
           coalesce(c.department, '') AS department,
           CASE WHEN c.due_at IS NULL THEN 'none' WHEN :at > c.due_at THEN 'overdue'
                WHEN :at >= c.amber_at THEN 'soon' ELSE 'normal' END AS lamp
    FROM tile JOIN cases c ON c.place3857 && tile.box
    WHERE c.closed_at IS NULL AND /*visible*/ true
    ORDER BY c.id DESC LIMIT 20000)
SELECT ST_AsMVT(shown, 'cases', 4096, 'geom') FROM shown
