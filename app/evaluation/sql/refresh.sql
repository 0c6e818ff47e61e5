-- Follows ``marks.sql``: make the stored marks of :ids what they should be, move the difference
-- into the tallies (of cells: into those of their community, street and district), and note when
-- time alone will change them.  Gives how many cases were looked at and how many marks changed.
-- Whoever runs this holds the row of mark_cursor.  Leans on the keys of marks and tallies.
, old AS MATERIALIZED (
    SELECT m.* FROM marks m WHERE m.case_id = ANY(CAST(:ids AS bigint[]))),
dropped AS (
    DELETE FROM marks m USING old o
    WHERE m.case_id = o.case_id AND m.side = o.side AND m.object = o.object AND m.day = o.day
      AND NOT EXISTS (SELECT FROM fresh f WHERE f.case_id = o.case_id AND f.side = o.side
                      AND f.object = o.object AND f.day = o.day)),
changed AS MATERIALIZED (
    SELECT f.* FROM fresh f
    LEFT JOIN old o ON o.case_id = f.case_id AND o.side = f.side AND o.object = f.object
                   AND o.day = f.day
    WHERE o.indicators IS DISTINCT FROM f.indicators),
stored AS (
    INSERT INTO marks (case_id, side, object, day, indicators)
    SELECT case_id, side, object, day, indicators FROM changed
    ON CONFLICT (case_id, side, object, day) DO UPDATE SET indicators = excluded.indicators),
moved AS (
    SELECT side, object, day, unnest(indicators) AS indicator, 1 AS n FROM fresh
    UNION ALL
    SELECT side, object, day, unnest(indicators), -1 FROM old),
rolled AS (
    SELECT l.side, l.object, m.day, m.indicator, CAST(sum(m.n) AS integer) AS n
    FROM moved m
    CROSS JOIN LATERAL (
        SELECT m.side, m.object WHERE m.side <> @cell
        UNION ALL SELECT @district, left(m.object, 6) WHERE m.side = @cell
        UNION ALL SELECT @street, left(m.object, 9) WHERE m.side = @cell
        UNION ALL SELECT @community, left(m.object, 12) WHERE m.side = @cell) AS l (side, object)
    GROUP BY 1, 2, 3, 4 HAVING sum(m.n) <> 0),
added AS (
    INSERT INTO tallies (side, object, day, indicator, n)
    SELECT side, object, day, indicator, n FROM rolled
    ON CONFLICT (side, day, object, indicator) DO UPDATE SET n = tallies.n + excluded.n),
awaited AS MATERIALIZED (SELECT id, min(at) AS at FROM said WHERE at > :at GROUP BY id),
forgotten AS (
    DELETE FROM mark_clocks k WHERE k.case_id = ANY(CAST(:ids AS bigint[]))
      AND NOT EXISTS (SELECT FROM awaited a WHERE a.id = k.case_id)),
noted AS (
    INSERT INTO mark_clocks (case_id, at) SELECT id, at FROM awaited
    ON CONFLICT (case_id) DO UPDATE SET at = excluded.at WHERE mark_clocks.at <> excluded.at)
SELECT (SELECT count(*) FROM told) AS cases, (SELECT count(*) FROM changed) AS changed
