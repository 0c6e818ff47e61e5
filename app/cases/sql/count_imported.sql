-- Moves the counters of every kind and city day on by the cases that come in; the rows stay
-- held until the transaction ends, so that no number is given twice.
INSERT INTO case_counters (prefix, day, last)
SELECT kind, (reported_at AT TIME ZONE 'Asia/Shanghai')::date, count(*)
FROM incoming_cases GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (prefix, day) DO UPDATE SET last = case_counters.last + excluded.last
