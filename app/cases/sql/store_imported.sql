-- Stores the incoming cases in the state they were found in, each with its number and its cell.
-- An open case with a deadline has a clock of natural hours; one overdue is not announced again.
-- Leans on ix_cells_geom and the primary key of case_counters.
INSERT INTO cases (number, flow_id, source, kind, description, address, cell, place, state, stage,
    department, clock_at, clock_limit, clock_unit, amber_at, due_at, overdue_marked_at,
    reported_at, filed_at, dispatched_at, handled_at, handle_due_at, close_due_at, closed_at,
    external_id, import_id, steps)
SELECT i.kind || to_char(i.day, 'YYYYMMDD')
           || lpad(serial::text, greatest(4, length(serial::text)), '0'),
       :flow, i.source, i.kind, i.description, i.address, c.code, i.place,
       CASE WHEN i.closed_at IS NULL THEN :open ELSE :closed END,
       CASE WHEN i.closed_at IS NULL THEN :open_stage ELSE :closed_stage END,
       i.department,
       CASE WHEN i.runs THEN i.reported_at END,
       CASE WHEN i.runs THEN extract(epoch FROM i.due_at - i.reported_at) / 3600 END,
       CASE WHEN i.runs THEN 'uwh' END,
       CASE WHEN i.runs THEN i.reported_at + :soon * (i.due_at - i.reported_at) END,
       CASE WHEN i.runs THEN i.due_at END,
       CASE WHEN i.runs AND i.due_at < :at THEN i.due_at END,
       i.reported_at, i.reported_at, CASE WHEN i.department IS NOT NULL THEN i.reported_at END,
       i.closed_at, i.due_at, i.due_at, i.closed_at,
       i.external_id, :import, 1
FROM (
    SELECT *, ST_SetSRID(ST_MakePoint(lon, lat), 4490) AS place,
           closed_at IS NULL AND due_at > reported_at
               AND due_at <= reported_at + interval '10000 hours' AS runs,
           count(*) OVER same AS n, row_number() OVER (same ORDER BY row) AS nth
    FROM (SELECT *, (reported_at AT TIME ZONE 'Asia/Shanghai')::date AS day
          FROM incoming_cases) d
    WINDOW same AS (PARTITION BY kind, day)) i
JOIN case_counters k ON k.prefix = i.kind AND k.day = i.day
CROSS JOIN LATERAL (SELECT k.last - i.n + i.nth AS serial) s
LEFT JOIN LATERAL (
    SELECT code FROM cells
    WHERE ended_on IS NULL AND ST_Covers(geom, i.place) ORDER BY code LIMIT 1) c ON true
ORDER BY i.row
