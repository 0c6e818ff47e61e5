-- Gives every division of the placed parts its line of serials for :kind; a register that was
-- filled without one goes on after its highest code.  Leans on the primary key of parts.
INSERT INTO part_serials (division, kind, last)
SELECT d.division, :kind, coalesce((
    SELECT max(substr(p.code, length(d.prefix) + 1)::int) FROM parts p
    WHERE p.code > d.prefix AND p.code < d.prefix || ':'), 0)
FROM (SELECT DISTINCT division, division || :small AS prefix FROM placed_parts) d
ORDER BY d.division
ON CONFLICT DO NOTHING
