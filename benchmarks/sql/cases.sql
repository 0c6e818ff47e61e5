-- :cases cases of one year, 97 in 100 closed, the open ones among the youngest; the youngest
-- :told have three lines in their journal, the others one.
INSERT INTO cases (flow_id, source, kind, condition_id, description, address, cell, place, number, department,
    state, stage, reporter_id, reported_at, filed_at, dispatched_at, clock_at, clock_limit, clock_unit,
    amber_at, due_at, handle_due_at, close_due_at, handled_at, closed_at, steps)
SELECT (SELECT max(id) FROM flows), (ARRAY['01', '01', '01', '01', '02', '03'])[1 + n % 6], kind,
       (SELECT min(c.id) FROM conditions c WHERE c.kind = made.kind),
       (ARRAY['人行道上堆放垃圾', '店外经营占用道路', '井盖破损松动', '乱涂写小广告', '绿地内有暴露垃圾', '道路积水无法通行'])[1 + n % 6]
           || '，编号' || n,
       '第' || 1 + n % 90 || '大道' || 1 + n % 700 || '号',
       bench_cell(floor((lon - 115.8) * 1000)::int, floor((lat - 36.3) * 1000)::int),
       ST_SetSRID(ST_MakePoint(lon, lat), 4490), kind || to_char(at, 'YYYYMMDD') || lpad(n::text, 7, '0'), 'D' || 1 + n % 8,
       state, CASE state WHEN 'handled' THEN 'report' WHEN 'closed' THEN 'close' ELSE 'handle' END,
       1 + n % 9, at, at + interval '8 min', at + interval '12 min',
       CASE WHEN state <> 'closed' THEN at + interval '12 min' END, CASE WHEN state <> 'closed' THEN 8 END,
       CASE WHEN state <> 'closed' THEN 'uwh' END, CASE WHEN state <> 'closed' THEN due - interval '96 min' END,
       CASE WHEN state <> 'closed' THEN due END, due, due + interval '1 day',
       CASE WHEN state NOT IN ('dispatched', 'handling') THEN at + quick * interval '10 hours' END,
       CASE WHEN state = 'closed' THEN at + quick * interval '10 hours' + interval '30 min' END,
       CASE WHEN n > :cases - :told THEN 3 ELSE 1 END
FROM (SELECT n, at, at + interval '492 min' AS due, random() AS quick, known.ids[1 + n % cardinality(known.ids)] AS kind,
             115.8 + 0.2 * (random() + random()) AS lon, 36.3 + 0.125 * (random() + random()) AS lat,
             CASE WHEN n > :cases * 0.95 AND random() < 0.6
                  THEN (ARRAY['dispatched', 'handling', 'handled'])[1 + n % 3] ELSE 'closed' END AS state
      FROM (SELECT n, now() - interval '20 min' - (:cases - n) * interval '365 days' / :cases AS at
            FROM generate_series(1, :cases) n) days,
           (SELECT array_agg(id ORDER BY id) AS ids FROM kinds WHERE family = 'event') known) made
ORDER BY n
