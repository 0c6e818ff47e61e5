-- The beats of :shift whose district begins with or holds :within (to :end), with their cells,
-- square metres and inspectors.  Leans on ix_beat_cells_beat_id.
SELECT b.id, b.name, b.district, count(c.code) AS cells, sum(c.area_m2) AS area_m2,
       ST_XMin(b.geom) AS w, ST_YMin(b.geom) AS s, ST_XMax(b.geom) AS e, ST_YMax(b.geom) AS n,
       ARRAY(SELECT p.name FROM beat_inspectors i JOIN people p ON p.id = i.person_id
             WHERE i.beat_id = b.id ORDER BY p.name, p.id) AS inspectors,
       ARRAY(SELECT i.person_id FROM beat_inspectors i WHERE i.beat_id = b.id ORDER BY 1) AS people
FROM beats b
JOIN beat_cells m ON m.beat_id = b.id
JOIN cells c ON c.code = m.cell AND c.ended_on IS NULL
WHERE b.shift_id = :shift AND m.cell >= :within AND m.cell < :end
GROUP BY b.id
ORDER BY b.name, b.id
LIMIT 1000
