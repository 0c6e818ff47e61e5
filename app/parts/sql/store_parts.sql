-- Stores the placed parts under their codes.  The serials of this transaction end at
-- part_serials.last.  Neighbours come one after the other, which is kind to the spatial indexes.
INSERT INTO parts (code, kind, name, cell, source, import_id, attributes, geom, owner, external_id,
    title_code, title_name, upkeep_code, upkeep_name, state, begun_on, changed_on, note)
SELECT p.division || :small || lpad((s.last - n.n + p.nth)::text, :width, '0'),
       :kind, coalesce(p.told ->> 'name', :name), p.cell, coalesce(p.told ->> 'source', 'imported'),
       :import, coalesce(p.words::jsonb, '{}'), p.geom, p.told ->> 'owner',
       -- A code of another register is what its keeper knows the part by.
       coalesce(p.told ->> 'external_id', p.told ->> 'code'),
       coalesce(p.told ->> 'title_code', ''), coalesce(p.told ->> 'title_name', ''),
       coalesce(p.told ->> 'upkeep_code', ''), coalesce(p.told ->> 'upkeep_name', ''),
       coalesce(p.told ->> 'state', 'intact'),
       coalesce((p.told ->> 'begun_on')::date, current_date), (p.told ->> 'changed_on')::date,
       coalesce(p.told ->> 'note', '')
FROM placed_parts p
JOIN (SELECT division, count(*) AS n FROM placed_parts GROUP BY division) n USING (division)
JOIN part_serials s ON s.division = p.division AND s.kind = :kind
ORDER BY p.geom
