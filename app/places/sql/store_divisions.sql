-- Which of the judged rows are stored, new or changed?  Returns how many there are.
-- Leans on the primary key of divisions.
WITH good AS (
    SELECT code, name, level::smallint AS level, parent_code
    FROM incoming_divisions WHERE reason IS NULL),
stored AS (
    INSERT INTO divisions AS d (code, name, level, parent_code)
    SELECT code, name, level, parent_code FROM good ORDER BY code
    ON CONFLICT (code) DO UPDATE
    SET name = excluded.name, level = excluded.level, parent_code = excluded.parent_code
    WHERE (d.name, d.level, d.parent_code)
        IS DISTINCT FROM (excluded.name, excluded.level, excluded.parent_code))
SELECT count(*) FROM good
