-- Send :person out; whoever was out for the same case before is relieved first.  A task that is
-- handed on keeps what it asked for.  Leans on uq_tasks_open_case.
WITH former AS (
    UPDATE tasks SET ended_at = :at, outcome = 'reassigned'
    WHERE ended_at IS NULL AND (case_id = :case_id OR id = :former) RETURNING id)
INSERT INTO tasks (case_id, purpose, person_id, cell, place, note, given_by, given_at, due_at,
                   way, metres, pool, seed, former_id)
SELECT :case_id, :purpose, :person, :cell, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :note,
       :given_by, :at, :due_at, :way, :metres, CAST(:pool AS integer[]), :seed, f.id
FROM (SELECT max(id) AS id FROM former) f
RETURNING id, uid::text
