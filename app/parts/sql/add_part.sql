-- Stores one part as a person added it.
INSERT INTO parts (code, kind, name, owner, external_id, title_code, title_name, upkeep_code,
    upkeep_name, state, begun_on, source, note, cell, geom)
VALUES (:code, :kind, :name, :owner, :external_id, :title_code, :title_name, :upkeep_code,
    :upkeep_name, :state, coalesce(CAST(:begun_on AS date), current_date), :source, :note, :cell,
    CAST(:geom AS geometry))
