-- Stores the placed addresses under their codes: division, type, the next serials.  Returns how many.
-- Leans on the primary keys of address_serials and addresses.
WITH counted AS (
    SELECT left(division, 6) AS district, type, count(*) AS n FROM placed_addresses GROUP BY 1, 2),
serials AS (
    INSERT INTO address_serials AS s (division, type, last)
    SELECT district, type, n FROM counted ORDER BY district, type
    ON CONFLICT (division, type) DO UPDATE SET last = s.last + excluded.last
    RETURNING s.division, s.type, s.last),
stored AS (
    INSERT INTO addresses (id, type, name, alias, former, division, cell, street, number, sub,
        category, source, import_id, geom, point)
    SELECT c.district || t.code || lpad((s.last - c.n + p.nth)::text, 6, '0'), p.type, p.name,
           p.alias, p.former, p.division, p.cell, p.street, p.number, p.sub, p.category, :source,
           :import, p.geom, p.point
    FROM placed_addresses p
    JOIN counted c ON c.district = left(p.division, 6) AND c.type = p.type
    JOIN serials s ON s.division = c.district AND s.type = c.type
    JOIN (VALUES ('region', '01'), ('tract', '02'), ('block', '03'), ('street', '04'),
                 ('plate', '05'), ('poi', '06')) t (type, code) ON t.code IS NOT NULL AND t.type = p.type
    RETURNING id)
SELECT count(*) FROM stored
