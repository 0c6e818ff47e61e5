-- Stores one area; a code that is there already gets the new shape and names.
-- Leans on uq_areas_code.
INSERT INTO areas AS a (level, code, name, within, geom)
VALUES (:level, :code, :name, :within, ST_SetSRID(CAST(:geom AS geometry), 4490))
ON CONFLICT (code) WHERE code IS NOT NULL DO UPDATE
SET level = excluded.level, name = excluded.name, within = excluded.within, geom = excluded.geom
