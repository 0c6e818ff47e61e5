-- Gives the parts that import :id changed their new values (:side 1, its lines lie :ahead 1 of
-- them) or their former ones (:side 0, :ahead 0).  Leans on ix_part_steps_import_id, ix_cells_geom.
UPDATE parts p SET
    name = CASE WHEN s.changes ? 'name' THEN s.changes -> 'name' ->> :side ELSE p.name END,
    owner = CASE WHEN s.changes ? 'owner' THEN s.changes -> 'owner' ->> :side ELSE p.owner END,
    external_id = CASE WHEN s.changes ? 'external_id'
                  THEN s.changes -> 'external_id' ->> :side ELSE p.external_id END,
    title_code = coalesce(s.changes -> 'title_code' ->> :side, p.title_code),
    title_name = coalesce(s.changes -> 'title_name' ->> :side, p.title_name),
    upkeep_code = coalesce(s.changes -> 'upkeep_code' ->> :side, p.upkeep_code),
    upkeep_name = coalesce(s.changes -> 'upkeep_name' ->> :side, p.upkeep_name),
    state = coalesce(s.changes -> 'state' ->> :side, p.state),
    begun_on = coalesce((s.changes -> 'begun_on' ->> :side)::date, p.begun_on),
    source = coalesce(s.changes -> 'source' ->> :side, p.source),
    note = coalesce(s.changes -> 'note' ->> :side, p.note),
    attributes = coalesce(s.changes -> 'attributes' -> :side, p.attributes),
    geom = coalesce(ST_GeomFromEWKB(decode(s.changes -> 'geom' ->> :side, 'hex')), p.geom),
    cell = CASE WHEN s.changes ? 'geom' THEN (
        SELECT c.code FROM cells c
        WHERE c.ended_on IS NULL AND ST_Covers(c.geom, ST_PointOnSurface(
            ST_GeomFromEWKB(decode(s.changes -> 'geom' ->> :side, 'hex'))))
        ORDER BY c.code LIMIT 1) ELSE p.cell END,
    changed_on = current_date,
    version = p.version + 1
FROM part_steps s
WHERE s.import_id = :id AND s.action = 'import' AND s.part = p.code
  AND s.position = p.version + :ahead
