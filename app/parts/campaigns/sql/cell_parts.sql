-- The parts that survey :campaign has to look at in cell :cell, each with the last verdict on it.
-- Leans on ix_parts_geom and ix_campaign_findings_cell.
SELECT p.code, p.kind, p.name, p.state, p.owner, p.version AS seen,
       ST_X(ST_PointOnSurface(p.geom)) AS lon, ST_Y(ST_PointOnSurface(p.geom)) AS lat,
       f.verdict, f.note, f.at::text AS found_at
FROM cells c
JOIN parts p ON p.geom && c.geom AND in_cell_today(p.cell, p.geom, c.code, c.geom)
JOIN campaigns g ON g.id = :campaign
LEFT JOIN LATERAL (
    SELECT verdict, note, at FROM campaign_findings
    WHERE campaign = g.id AND cell = c.code AND part = p.code ORDER BY id DESC LIMIT 1) f ON true
WHERE c.code = :cell AND (p.state <> 'removed' OR f.verdict IS NOT NULL)
  AND (g.kinds = '{}' OR p.kind = ANY(g.kinds))
ORDER BY f.verdict IS NOT NULL, p.kind, p.code
LIMIT 1000
