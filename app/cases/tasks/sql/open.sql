-- Send :person out.  Whoever was out to confirm or verify the same case is relieved first, and so
-- is who had task :former, which is handed on.  Leans on uq_tasks_open_case and the primary key.
WITH former AS (
    UPDATE tasks SET ended_at = :at, outcome = 'reassigned'
    WHERE ended_at IS NULL AND (id = :former OR case_id = :case_id
        AND purpose IN ('confirm', 'verify') AND :purpose IN ('confirm', 'verify')) RETURNING id)
INSERT INTO tasks (case_id, purpose, person_id, cell, place, note, given_by, given_at, due_at,
                   way, metres, pool, seed, former_id)
SELECT :case_id, :purpose, :person, :cell, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :note,
       :given_by, :at, :due_at, :way, :metres, CAST(:pool AS integer[]), :seed, f.id
FROM (SELECT max(id) AS id FROM former) f
RETURNING id, uid::text
