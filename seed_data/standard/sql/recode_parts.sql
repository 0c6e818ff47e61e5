-- What code does each part get under the new profile?  The one it had there before; else the same
-- serial if nobody else has it; else the next free serials of that kind and district.
-- :length digits of district, :wide digits of serial now, :width then.  Reads the parts once.
CREATE TEMP TABLE recoded ON COMMIT DROP AS
WITH moved AS (
    SELECT p.code AS old, p.kind AS old_kind, coalesce(f.kind, m.new) AS kind,
           left(p.code, :length) AS division, right(p.code, :wide)::int AS serial, f.code AS former
    FROM parts p JOIN moves m ON m.old = p.kind
    LEFT JOIN former_codes f ON f.part = p.code AND f.profile = :target),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY division, kind, serial
                                 ORDER BY former IS NULL, old) AS nth,
           bool_or(former IS NOT NULL) OVER (PARTITION BY division, kind, serial) AS taken
    FROM moved),
kept AS (
    SELECT *, CASE WHEN former IS NOT NULL THEN right(former, :width)::int
                   WHEN nth = 1 AND NOT taken AND serial < 10 ^ CAST(:width AS int) THEN serial END AS number
    FROM ranked),
settled AS (
    -- A former code may hold a serial that somebody else was about to keep.
    SELECT k.*, k.former IS NULL AND EXISTS (
               SELECT FROM kept o WHERE o.former IS NOT NULL AND o.division = k.division
                   AND o.kind = k.kind AND o.number = k.number) AS lost
    FROM kept k),
highest AS (
    SELECT division, kind, max(number) FILTER (WHERE NOT lost) AS last FROM settled GROUP BY 1, 2)
SELECT s.old, s.old_kind, s.kind, s.division,
       s.division || substr(s.kind, 2) || lpad(
           (CASE WHEN s.number IS NOT NULL AND NOT s.lost THEN s.number
                 ELSE coalesce(h.last, 0) + row_number() OVER (
                      PARTITION BY s.division, s.kind, s.number IS NULL OR s.lost ORDER BY s.old)
            END)::text, :width, '0') AS code
FROM settled s JOIN highest h ON h.division = s.division AND h.kind = s.kind
