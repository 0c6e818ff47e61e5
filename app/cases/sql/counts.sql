-- What does the command wall show of today and of the last thirty days?
-- :today :month are instants (start of the city's day, thirty days before), :at is now.
-- The condition of the viewer's scope is put in place of the mark.
-- Each set of cases is read once and summed by what the figures are told apart by; those few
-- sums make every figure.  Leans on ix_cases_reported_at for the days and on ix_cases_open_state
-- for what is open.
WITH recent AS MATERIALIZED (
    SELECT c.kind, c.source, count(*) AS n,
           count(*) FILTER (WHERE c.reported_at >= :today) AS reported,
           count(*) FILTER (WHERE c.filed_at >= :today) AS filed,
           count(*) FILTER (WHERE c.dispatched_at >= :today) AS dispatched,
           count(*) FILTER (WHERE c.handled_at >= :today) AS handled,
           count(*) FILTER (WHERE c.closed_at >= :today AND c.state = 'closed') AS closed,
           count(*) FILTER (WHERE c.filed_at IS NOT NULL AND c.state = 'closed') AS ended,
           count(*) FILTER (WHERE c.filed_at IS NOT NULL AND c.state NOT IN ('rejected', 'void', 'merged'))
               AS to_end,
           count(*) FILTER (WHERE c.handled_at <= c.handle_due_at) AS on_time,
           count(*) FILTER (WHERE c.handled_at IS NOT NULL OR c.handle_due_at < :at) AS to_handle
    FROM cases c WHERE c.reported_at >= :month AND /*visible*/ true
    GROUP BY c.kind, c.source),
hours AS (
    SELECT extract(hour FROM c.reported_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
           count(*) AS n
    FROM cases c WHERE c.reported_at >= :today AND /*visible*/ true GROUP BY 1),
open AS MATERIALIZED (
    SELECT c.department, count(*) AS n,
           count(*) FILTER (WHERE c.due_at < :at) AS late,
           count(*) FILTER (WHERE c.due_at >= :at AND c.amber_at <= :at) AS soon,
           count(*) FILTER (WHERE c.state IN ('dispatched', 'handling')) AS held,
           count(*) FILTER (WHERE c.state IN ('dispatched', 'handling') AND c.due_at < :at)
               AS held_late
    FROM cases c WHERE c.closed_at IS NULL AND /*visible*/ true GROUP BY c.department)
SELECT json_build_object(
    'today', (SELECT json_build_object(
        'reported', coalesce(sum(reported), 0), 'filed', coalesce(sum(filed), 0),
        'dispatched', coalesce(sum(dispatched), 0), 'handled', coalesce(sum(handled), 0),
        'closed', coalesce(sum(closed), 0)) FROM recent),
    'open', (SELECT coalesce(sum(n), 0) FROM open),
    'overdue', (SELECT coalesce(sum(late), 0) FROM open),
    'soon', (SELECT coalesce(sum(soon), 0) FROM open),
    'closed_rate', (SELECT sum(ended)::float / nullif(sum(to_end), 0) FROM recent),
    'on_time_rate', (SELECT sum(on_time)::float / nullif(sum(to_handle), 0) FROM recent),
    'by_category', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT k.id AS code, k.name, sum(r.n) AS n FROM recent r JOIN kinds k ON k.id = r.kind
        GROUP BY k.id, k.name ORDER BY sum(r.n) DESC, k.id LIMIT 10) x),
    'by_hour', (SELECT coalesce(json_agg(coalesce(x.n, 0) ORDER BY h), '[]')
        FROM generate_series(0, 23) h LEFT JOIN hours x ON x.hour = h),
    'by_source', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT source AS code, sum(n) AS n FROM recent GROUP BY source
        ORDER BY sum(n) DESC, source) x),
    'by_department', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT d.code, d.name, coalesce(o.held, 0) AS open, coalesce(o.held_late, 0) AS overdue
        FROM departments d LEFT JOIN open o ON o.department = d.code
        WHERE d.handles ORDER BY d.position, d.code) x))
