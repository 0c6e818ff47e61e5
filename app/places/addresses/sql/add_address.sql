-- Stores one new place under :id.  Leans on the primary key of addresses.
INSERT INTO addresses (id, type, name, alias, former, division, cell, street, number, sub, unit,
    side, category, note, geom, point)
SELECT :id, :type, :name, CAST(:alias AS text[]), CAST(:former AS text[]), :division, :cell, :street,
       :number, :sub, :unit, :side, :category, :note, g.geom, ST_PointOnSurface(g.geom)
FROM (SELECT ST_SetSRID(CAST(:geom AS geometry), 4490) AS geom) g
