-- :cases cases of the year 2025, closed within three days, of sixty departments and in 20 000 cells.
INSERT INTO departments (code, name, position)
SELECT 'K' || n, '第' || n || '专业部门', 100 + n FROM generate_series(1, 60) n;
INSERT INTO cases (flow_id, source, kind, description, address, cell, place, number, department, state, stage,
    reporter_id, reported_at, filed_at, dispatched_at, handle_due_at, close_due_at, handled_at, closed_at, steps)
SELECT (SELECT max(id) FROM flows), (ARRAY['01', '01', '02', '03'])[1 + n % 4], 'E0102', '案件', '',
       bench_cell(n % 200, n / 200 % 100), ST_SetSRID(ST_MakePoint(116, 36.4), 4490), 'N' || n,
       'K' || 1 + n % 60, 'closed', 'close', 1 + n % 9, at, at + interval '8 min', at + interval '12 min',
       at + interval '8 hours', at + interval '32 hours', at + quick * interval '9 hours',
       at + quick * interval '34 hours', 10
FROM (SELECT n, random() AS quick, timestamptz '2025-01-01 00:00+08' + n * interval '365 days' / :cases AS at
      FROM generate_series(1, :cases) n) made
