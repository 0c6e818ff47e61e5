-- Which cell and which division is each new place in, and which of its type and district is it?
-- On a border the lower code holds; outside everything :fallback.
-- Leans on ix_cells_geom and ix_areas_geom.
CREATE TEMP TABLE placed_addresses ON COMMIT DROP AS
SELECT f.*, row_number() OVER (PARTITION BY left(f.division, 6), f.type ORDER BY f.nr) AS nth
FROM (
    SELECT n.*, c.code AS cell, coalesce(c.community, a.code, :fallback) AS division
    FROM (SELECT *, ST_PointOnSurface(geom) AS point FROM new_addresses) n
    LEFT JOIN LATERAL (
        SELECT code, community FROM cells
        WHERE ended_on IS NULL AND ST_Covers(geom, n.point) ORDER BY code LIMIT 1) c ON true
    LEFT JOIN LATERAL (
        SELECT code FROM areas
        WHERE c.code IS NULL AND code IS NOT NULL AND ST_Covers(geom, n.point)
        ORDER BY length(code) DESC, code LIMIT 1) a ON true) f
