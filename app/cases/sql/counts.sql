-- What does the command wall show of today and of the last thirty days?
-- :today :month are instants (start of the city's day, thirty days before), :at is now.
-- The condition of the viewer's scope is put in place of the mark.
-- Leans on ix_cases_reported_at for the days and on ix_cases_open_state for what is open.
WITH recent AS MATERIALIZED (
    SELECT c.kind, c.source, c.department, c.reported_at, c.filed_at, c.dispatched_at,
           c.handled_at, c.handle_due_at, c.closed_at, c.state
    FROM cases c WHERE c.reported_at >= :month AND /*visible*/ true),
open AS MATERIALIZED (
    SELECT c.department, c.due_at, c.amber_at, c.state
    FROM cases c WHERE c.closed_at IS NULL AND /*visible*/ true)
SELECT json_build_object(
    'today', (SELECT json_build_object(
        'reported', count(*) FILTER (WHERE reported_at >= :today),
        'filed', count(*) FILTER (WHERE filed_at >= :today),
        'dispatched', count(*) FILTER (WHERE dispatched_at >= :today),
        'handled', count(*) FILTER (WHERE handled_at >= :today),
        'closed', count(*) FILTER (WHERE closed_at >= :today AND state = 'closed')) FROM recent),
    'open', (SELECT count(*) FROM open),
    'overdue', (SELECT count(*) FROM open WHERE due_at < :at),
    'soon', (SELECT count(*) FROM open WHERE due_at >= :at AND amber_at <= :at),
    'closed_rate', (SELECT count(*) FILTER (WHERE state = 'closed')::float / nullif(count(*), 0)
                    FROM recent WHERE filed_at IS NOT NULL AND state NOT IN ('rejected', 'void')),
    'on_time_rate', (SELECT count(*) FILTER (WHERE handled_at <= handle_due_at)::float
                     / nullif(count(*), 0) FROM recent
                     WHERE handled_at IS NOT NULL OR handle_due_at < :at),
    'by_category', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT k.id AS code, k.name, count(*) AS n FROM recent r JOIN kinds k ON k.id = r.kind
        GROUP BY k.id, k.name ORDER BY n DESC, k.id LIMIT 10) x),
    'by_hour', (SELECT coalesce(json_agg(coalesce(n, 0) ORDER BY h), '[]') FROM generate_series(0, 23) h
        LEFT JOIN (SELECT extract(hour FROM reported_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
                          count(*) AS n FROM recent WHERE reported_at >= :today GROUP BY 1) x
        ON x.hour = h),
    'by_source', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT source AS code, count(*) AS n FROM recent GROUP BY source ORDER BY n DESC, source) x),
    'by_department', (SELECT coalesce(json_agg(x), '[]') FROM (
        SELECT d.code, d.name, count(o.state) AS open,
               count(*) FILTER (WHERE o.due_at < :at) AS overdue
        FROM departments d LEFT JOIN open o ON o.department = d.code AND o.state IN ('dispatched', 'handling')
        WHERE d.handles GROUP BY d.code, d.name, d.position ORDER BY d.position, d.code) x))
