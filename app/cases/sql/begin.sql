-- A case as it was reported, at :lon :lat (EPSG:4490); a device's second sending makes no row.
-- Leans on uq_cases_client_uid.
INSERT INTO cases (uid, client_uid, flow_id, source, kind, part_code, description, address, cell,
    place, state, stage, reporter_id, captured_at, reported_at, clock_at, clock_limit, clock_unit,
    amber_at, due_at, steps)
VALUES (:uid, :client_uid, :flow_id, :source, :kind, :part_code, :description, :address, :cell,
    ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :state, :stage, :reporter_id, :captured_at, :at,
    :clock_at, :clock_limit, :clock_unit, :amber_at, :due_at, 1)
ON CONFLICT (client_uid) WHERE client_uid IS NOT NULL DO NOTHING RETURNING id
