-- :waiting cases that wait for their next step, each to be taken once: every second one was
-- accepted already.  They lie in the last row of the city, where no list is asked for.
INSERT INTO cases (flow_id, source, kind, description, address, cell, place, state, stage, reporter_id, reported_at,
    clock_at, clock_limit, clock_unit, amber_at, due_at, steps)
SELECT (SELECT max(id) FROM flows), '01', kind, '待办案件', '', bench_cell(x, 249),
       ST_SetSRID(ST_MakePoint(115.8005 + x * 0.001, 36.5495), 4490),
       (ARRAY['reported', 'accepted'])[1 + n % 2], (ARRAY['collect', 'file'])[1 + n % 2],
       1, now(), now(), 0.25, 'uwh', now() + interval '12 min', now() + interval '15 min', 1 + n % 2
FROM (SELECT n, n % 400 AS x, known.ids[1 + n % cardinality(known.ids)] AS kind
      FROM generate_series(1, :waiting) n,
           (SELECT array_agg(id ORDER BY id) AS ids FROM kinds WHERE family = 'event') known) made
ORDER BY n
