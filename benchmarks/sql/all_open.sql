-- Every case is open again, its clock running: one in two thousand has come due and was not marked
-- yet, the others come due within the next weeks.
UPDATE cases SET state = 'handling', stage = 'handle', closed_at = NULL, handled_at = NULL,
    clock_at = now() - interval '1 day', clock_limit = 1000, clock_unit = 'uwh',
    due_at = now() + due.gap, amber_at = now() + due.gap - interval '1 hour',
    overdue_marked_at = NULL
FROM (SELECT id, CASE WHEN id % 2000 = 0 THEN interval '-1 minute'
                      ELSE interval '1 minute' * (10 + id % 30000) END AS gap FROM cases) due
WHERE due.id = cases.id
