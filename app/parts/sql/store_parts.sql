-- Stores the placed parts under their codes.  The serials of this transaction end at
-- part_serials.last.  Neighbours come one after the other, which is kind to the spatial indexes.
INSERT INTO parts (code, kind, name, cell, source, import_id, attributes, geom)
SELECT p.division || :small || lpad((s.last - n.n + p.nth)::text, :width, '0'),
       :kind, coalesce(p.name, :name), p.cell, 'imported', :import,
       coalesce(p.words::jsonb, '{}'), p.geom
FROM placed_parts p
JOIN (SELECT division, count(*) AS n FROM placed_parts GROUP BY division) n USING (division)
JOIN part_serials s ON s.division = p.division AND s.kind = :kind
ORDER BY p.geom
