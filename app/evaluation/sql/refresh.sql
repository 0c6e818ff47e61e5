-- Follows ``marks.sql``: make the stored marks of :ids what they should be, move the difference
-- into the tallies (of cells: into those of their community, street and district), and note when
-- time alone will change them.  Gives how many cases were looked at and how many marks changed.
-- Whoever runs this holds the row of mark_cursor.  Leans on the keys of marks and tallies.
, old AS MATERIALIZED (
    SELECT m.* FROM marks m WHERE m.case_id = ANY(CAST(:ids AS bigint[]))),
-- Compared by grouping: as a join the planner, which cannot know how many there are, would loop.
compared AS MATERIALIZED (
    SELECT case_id, side, object, day, max(told) AS told, max(kept) AS kept
    FROM (SELECT case_id, side, object, day, indicators AS told, NULL::smallint[] AS kept FROM fresh
          UNION ALL
          SELECT case_id, side, object, day, NULL, indicators FROM old) b
    GROUP BY 1, 2, 3, 4 HAVING max(told) IS DISTINCT FROM max(kept)),
dropped AS (
    DELETE FROM marks m USING compared c
    WHERE c.told IS NULL AND m.case_id = c.case_id AND m.side = c.side AND m.object = c.object
      AND m.day = c.day),
stored AS (
    INSERT INTO marks (case_id, side, object, day, indicators)
    SELECT case_id, side, object, day, told FROM compared WHERE told IS NOT NULL
    ON CONFLICT (case_id, side, object, day) DO UPDATE SET indicators = excluded.indicators),
moved AS (
    SELECT side, object, day, unnest(told) AS indicator, 1 AS n FROM compared
    UNION ALL
    SELECT side, object, day, unnest(kept), -1 FROM compared),
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
SELECT (SELECT count(*) FROM told) AS cases, (SELECT count(*) FROM compared) AS changed
