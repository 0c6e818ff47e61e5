-- Which problems did the public report from :begin until before :end that an inspector who walked
-- the beat in that shift should have reported (漏报)?  Of true ones only, and filed.
-- Leans on ix_cases_reported_at and the key of patrol_days.
SELECT DISTINCT p.person_id, c.id, c.reported_at
FROM cases c
CROSS JOIN LATERAL (VALUES ((c.reported_at AT TIME ZONE 'Asia/Shanghai')::date),
                           ((c.reported_at AT TIME ZONE 'Asia/Shanghai')::date - 1)) AS d (day)
JOIN patrol_days p ON p.day = d.day AND p.fixes > 0 AND c.cell = ANY(p.cells)
                  AND c.reported_at >= p.begins AND c.reported_at < p.ends
WHERE c.reported_at >= CAST(:begin AS date)::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND c.reported_at < CAST(:end AS date)::timestamp AT TIME ZONE 'Asia/Shanghai'
  AND c.source IN ('02', '03', '04', '05', '10', '13') AND c.confirmed
  AND c.filed_at IS NOT NULL AND c.parent_id IS NULL
  AND c.state NOT IN ('void', 'merged', 'rejected')
ORDER BY c.reported_at DESC, c.id DESC
