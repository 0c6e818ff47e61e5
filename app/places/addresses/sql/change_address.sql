-- Stores what has changed of place :id.  Leans on the primary key of addresses.
UPDATE addresses SET name = :name, alias = CAST(:alias AS text[]), former = CAST(:former AS text[]),
    division = :division, cell = :cell, street = :street, number = :number, sub = :sub,
    unit = :unit, side = :side, category = :category, note = :note, geom = g.geom,
    point = ST_PointOnSurface(g.geom), changed_on = current_date, version = version + 1
FROM (SELECT ST_SetSRID(CAST(:geom AS geometry), 4490) AS geom) g
WHERE id = :id
