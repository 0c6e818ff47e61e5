-- Which cell and which division (the first :length digits) is each incoming part in, and which
-- of its division is it?  On a border the lower code holds; outside everything :fallback.
-- Leans on ix_cells_geom and ix_areas_geom.
CREATE TEMP TABLE placed_parts ON COMMIT DROP AS
SELECT found.*, row_number() OVER (PARTITION BY division ORDER BY row) AS nth
FROM (
    SELECT i.row, i.words, i.told::jsonb AS told, i.geom, c.code AS cell,
           coalesce(left(c.code, :length), left(a.code, :length), :fallback) AS division
    FROM (SELECT *, ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS spot FROM incoming_parts) i
    LEFT JOIN LATERAL (
        SELECT code FROM cells
        WHERE ended_on IS NULL AND ST_Covers(geom, i.spot) ORDER BY code LIMIT 1) c ON true
    LEFT JOIN LATERAL (
        SELECT code FROM areas
        WHERE c.code IS NULL AND code IS NOT NULL AND ST_Covers(geom, i.spot)
        ORDER BY level <> 'district', code LIMIT 1) a ON true) found
