-- How far is each survey: cells by state, parts expected, looked at and added?
-- Leans on ix_campaign_cells_state and ix_campaign_findings_cell.
SELECT c.id, c.name, c.area, c.kinds, c.due_on::text AS due_on, c.state, c.accepted,
       coalesce(d.name, z.name, c.area) AS area_name, n.*, f.*
FROM campaigns c
LEFT JOIN divisions d ON d.code = c.area
LEFT JOIN zones z ON z.code = c.area
CROSS JOIN LATERAL (
    SELECT count(*) AS cells, count(*) FILTER (WHERE state = 'waiting') AS waiting,
           count(*) FILTER (WHERE state = 'working') AS working,
           count(*) FILTER (WHERE state IN ('done', 'passed')) AS done,
           count(*) FILTER (WHERE state = 'passed') AS passed,
           count(*) FILTER (WHERE state = 'failed') AS failed,
           count(*) FILTER (WHERE drawn_at IS NOT NULL) AS drawn,
           coalesce(sum(expected), 0) AS expected
    FROM campaign_cells WHERE campaign = c.id) n
CROSS JOIN LATERAL (
    SELECT count(DISTINCT part) AS looked_at,
           count(DISTINCT part) FILTER (WHERE verdict = 'added') AS added
    FROM campaign_findings WHERE campaign = c.id) f
WHERE CAST(:only AS integer) IS NULL OR c.id = :only
ORDER BY c.state DESC, c.due_on, c.id
LIMIT 100
