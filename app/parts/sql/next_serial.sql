-- Takes the next serial of :kind in :division; a register filled without a line of serials goes
-- on after its highest code (they lie between :first and :end).  Leans on pk_part_serials, pk_parts.
INSERT INTO part_serials (division, kind, last)
VALUES (CAST(:division AS varchar), CAST(:kind AS varchar), 1 + coalesce((
    SELECT max(substr(p.code, length(CAST(:first AS varchar)) + 1)::int) FROM parts p
    WHERE p.code > CAST(:first AS varchar) AND p.code < CAST(:end AS varchar)), 0))
ON CONFLICT (division, kind) DO UPDATE SET last = part_serials.last + 1
RETURNING last
