-- :parts parts of every part kind, denser in the middle of the city, stored cell by cell as an
-- import stores them.
INSERT INTO parts (code, kind, name, owner, cell, geom)
SELECT left(cell, 6) || substr(kind, 2) || lpad((n - 1)::text, 6, '0'), kind, name, 'D' || 1 + n % 8, cell,
       ST_SetSRID(ST_MakePoint(lon, lat), 4490)
FROM (SELECT n, lon, lat, known.ids[1 + n % cardinality(known.ids)] AS kind,
             known.names[1 + n % cardinality(known.ids)] AS name,
             bench_cell(floor((lon - 115.8) * 1000)::int, floor((lat - 36.3) * 1000)::int) AS cell
      FROM (SELECT n, 115.8 + 0.2 * (random() + random()) AS lon, 36.3 + 0.125 * (random() + random()) AS lat
            FROM generate_series(1, :parts) n) spots,
           (SELECT array_agg(id ORDER BY id) AS ids, array_agg(name ORDER BY id) AS names FROM kinds WHERE family = 'part') known) made
ORDER BY cell
