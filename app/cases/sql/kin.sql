-- More columns for the page of one case: its requests, its parts, its parent, what was merged.
-- Leans on ix_case_requests_case_id, ix_cases_parent_id, ix_cases_merged_into.
,
       (SELECT json_agg(json_build_object('uid', q.uid, 'kind', q.kind, 'reason', q.reason,
            'until', q.until, 'asked_at', q.asked_at, 'levels', cardinality(q.levels),
            'done', q.done, 'outcome', q.outcome, 'ended_at', q.ended_at) ORDER BY q.id)
        FROM case_requests q WHERE q.case_id = c.id) AS requests,
       (SELECT json_agg(json_build_object('uid', k.uid, 'number', k.number, 'state', k.state,
            'department', k.department) ORDER BY k.id)
        FROM cases k WHERE k.parent_id = c.id) AS parts,
       (SELECT json_agg(json_build_object('uid', k.uid, 'source', k.source,
            'reported_at', k.reported_at,
            'caller', EXISTS (SELECT FROM callers b WHERE b.case_id = k.id)) ORDER BY k.id)
        FROM cases k WHERE k.merged_into = c.id) AS merged,
       (SELECT json_build_object('uid', k.uid, 'number', k.number, 'merged', c.parent_id IS NULL)
        FROM cases k WHERE k.id = coalesce(c.parent_id, c.merged_into)) AS belongs_to,
       (SELECT json_agg(json_build_object('department', h.department, 'done_at', h.done_at)
            ORDER BY h.asked_step, h.department)
        FROM case_helpers h WHERE h.case_id = c.id) AS helped_by
