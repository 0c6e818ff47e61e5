-- One part of the divided case :parent, for one department; what was reported stays the same.
-- Leans on the primary key of cases.
INSERT INTO cases (number, flow_id, source, kind, part_code, description, address, cell, place,
    state, stage, department, reporter_id, condition_id, filer_id, parent_id, confirmed,
    captured_at, reported_at, filed_at, dispatched_at, clock_at, clock_limit, clock_unit, amber_at,
    due_at, handle_from, handle_limit, handle_due_at, close_due_at, steps)
SELECT number || '-' || :nth, flow_id, source, kind, NULL, description, address, cell, place,
    'dispatched', 'handle', :department, reporter_id, condition_id, filer_id, id, confirmed,
    captured_at, reported_at, filed_at, :at, :clock_at, :clock_limit, :clock_unit, :amber_at,
    :due_at, :handle_from, :handle_limit, :handle_due_at, :close_due_at, 1
FROM cases WHERE id = :parent
RETURNING id, uid::text, cell
