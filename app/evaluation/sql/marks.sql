-- What do the cases :ids count for, when, and for whom, as known :at?  (standards §7.1)
-- One row of ``said`` is a case, an object of a side (a department, a cell, a person in a post), a
-- moment, and the indicators it counts for then; those of the future say when to look again.
-- #name is the number of an indicator, @name of a side (indicators.py).
-- * A need lies at the deadline, or at the end of the work if that came earlier; what was done of
--   it lies on the day of the need, so that nothing is done of what was not due.
-- * Void and merged cases leave all sets, rejected ones all but the work on the report itself; a
--   case that is held has no deadline and is due to nobody; a self-handled one was nobody's.
-- * A divided case is one report and as many filed cases as it has parts.
-- * A spell is the time from a dispatch to the next: what happens in it is its department's.
-- * A step keeps the deadline of the clock that it ended: by it the desk's own limits are judged.
-- OFFSET 0: looked up by their key, however many the planner expects.
-- Leans on the keys of cases and case_steps, ix_tasks_case_id, ix_cases_parent_id.
WITH told AS MATERIALIZED (
    SELECT c.id, c.state, c.cell, c.department, c.source, c.reporter_id, c.filer_id, c.exempt,
           c.self_handled, c.parent_id, c.reported_at, c.filed_at, c.closed_at,
           c.handled_at, c.handle_due_at, c.close_due_at,
           c.state IN ('void', 'merged', 'rejected') AS gone,
           c.stage <> 'collect' AND c.state NOT IN ('void', 'merged', 'rejected') AS valid,
           coalesce(c.confirmed, false) AS confirmed,
           c.source = '01' AS inspectors,
           c.source IN ('02', '03', '04', '05', '10', '13') AS publics,
           EXISTS (SELECT FROM conditions f WHERE f.id = c.condition_id AND f.unit = 'uwh')
             AS urgent,
           EXISTS (SELECT FROM cases p WHERE p.parent_id = c.id) AS divided
    FROM cases c WHERE c.id = ANY(CAST(:ids AS bigint[]))),
counted AS MATERIALIZED (
    SELECT t.*, o.side, o.object
    FROM told t
    CROSS JOIN LATERAL (VALUES (@department, t.department), (@cell, t.cell)) AS o (side, object)
    WHERE o.object IS NOT NULL AND NOT t.gone AND NOT t.self_handled AND NOT t.divided),
walked AS MATERIALIZED (
    SELECT s.case_id, s.position, s.action, s.source, s.actor_id, s.at, t.gone, t.state,
           CASE WHEN s.action = 'dispatch' THEN s.answers ->> 'department' END AS sent_to,
           s.action = 'verify' AND s.answers ->> 'passed' = 'false' AS failed,
           t.department, least(s.at, s.due_at) AS need_at,
           s.due_at IS NULL OR s.at <= s.due_at AS in_time,
           count(*) FILTER (WHERE s.action IN ('dispatch', 'divide')) OVER upto AS spell,
           count(*) FILTER (WHERE s.action = 'rework') OVER upto AS reworks
    FROM told t
    CROSS JOIN LATERAL (SELECT * FROM case_steps c WHERE c.case_id = t.id OFFSET 0) s
    WHERE s.action IN ('accept', 'reject', 'file', 'decline', 'dispatch', 'divide', 'return',
        'refuse_return', 'extend', 'suspend', 'urge', 'instruct', 'ask_confirm', 'ask_verify',
        'verify', 'rework', 'close')
    WINDOW upto AS (PARTITION BY s.case_id ORDER BY s.position)),
steps AS MATERIALIZED (
    SELECT w.*,
           CASE WHEN w.spell > 0 AND first_value(w.action) OVER spells = 'dispatch'
                THEN first_value(w.sent_to) OVER spells
                ELSE w.department END AS holder,
           CASE WHEN w.spell > 0 THEN first_value(w.actor_id) OVER spells END AS dispatcher_id,
           bool_or(w.action = 'return') OVER whole AS wrong,
           w.position = max(w.position) FILTER (WHERE w.action = 'suspend') OVER whole
             AND w.spell = max(w.spell) OVER (PARTITION BY w.case_id) AS latest
    FROM walked w
    WINDOW spells AS (PARTITION BY w.case_id, w.spell ORDER BY w.position),
           whole AS (PARTITION BY w.case_id, w.spell)),
said (id, side, object, at, indicators) AS (
    -- Reports: of a cell, and of the inspector who made them.
    SELECT id, CAST(o.side AS smallint), o.object, reported_at, array_remove(ARRAY[
               #report_num,
               CASE WHEN inspectors THEN #inspector_report_num END,
               CASE WHEN publics AND o.side = @cell THEN #public_report_num END,
               CASE WHEN valid THEN #valid_report_num END]::smallint[], NULL)
    FROM told
    CROSS JOIN LATERAL (VALUES (@cell, cell), (@inspector, CASE WHEN inspectors
        THEN reporter_id::text END)) AS o (side, object)
    WHERE o.object IS NOT NULL AND parent_id IS NULL
    UNION ALL
    -- Filed cases: of the department that holds them, of the cell, of the inspector who reported.
    SELECT id, side, object, filed_at, array_remove(ARRAY[
               #inst_num,
               CASE WHEN urgent THEN #urgent_num END,
               CASE WHEN urgent AND closed_at IS NOT NULL THEN #urgent_archive_num END,
               CASE WHEN urgent AND closed_at IS NOT NULL AND state <> 'forced'
                     AND (closed_at <= close_due_at OR exempt) THEN #urgent_archive_intime_num END,
               CASE WHEN side = @cell AND publics AND confirmed
                    THEN #public_confirmed_num END]::smallint[], NULL)
    FROM counted WHERE filed_at IS NOT NULL
    UNION ALL
    SELECT id, @inspector, reporter_id::text, filed_at, ARRAY[#inst_num]::smallint[]
    FROM told
    WHERE filed_at IS NOT NULL AND inspectors AND reporter_id IS NOT NULL AND parent_id IS NULL
      AND NOT gone AND NOT self_handled
    UNION ALL
    -- Handling: due at its deadline, or when it was done if that was earlier.
    SELECT id, side, object, least(handle_due_at, handled_at), array_remove(ARRAY[
               #dispose_need_num,
               CASE WHEN handled_at IS NOT NULL THEN #dispose_num END,
               CASE WHEN handled_at <= handle_due_at OR exempt AND handled_at IS NOT NULL
                    THEN #dispose_intime_num END,
               CASE WHEN handled_at > handle_due_at AND NOT exempt
                    THEN #dispose_overtime_num END,
               CASE WHEN handled_at IS NULL AND NOT exempt
                    THEN #overtime_to_dispose_num END]::smallint[], NULL)
    FROM counted WHERE side = @department AND handle_due_at IS NOT NULL AND state <> 'suspended'
    UNION ALL
    -- Closing: the same by the total limit; closing by force is never in time.
    SELECT id, side, object, least(close_due_at, closed_at), array_remove(ARRAY[
               #archive_need_num,
               CASE WHEN closed_at IS NOT NULL THEN #archive_num END,
               CASE WHEN closed_at IS NOT NULL AND state <> 'forced'
                     AND (closed_at <= close_due_at OR exempt) THEN #archive_intime_num END,
               CASE WHEN closed_at IS NOT NULL
                     AND (state = 'forced' OR closed_at > close_due_at AND NOT exempt)
                    THEN #archive_overtime_num END,
               CASE WHEN closed_at IS NULL AND NOT exempt
                    THEN #overtime_to_archive_num END]::smallint[], NULL)
    FROM counted WHERE close_due_at IS NOT NULL AND state <> 'suspended'
    UNION ALL
    -- Held now: since the last suspension was granted.
    SELECT c.id, c.side, c.object, s.at, ARRAY[#hang_num]::smallint[]
    FROM counted c JOIN steps s ON s.case_id = c.id AND s.action = 'suspend' AND s.latest
    WHERE c.state = 'suspended'
    UNION ALL
    -- What a department was asked, asked for, and was pressed for, while it held the case.
    SELECT case_id, @department, holder, at, array_remove(ARRAY[CASE
               WHEN action = 'dispatch' THEN #dispatch_num
               WHEN action = 'return' THEN #back_num
               WHEN action = 'refuse_return' THEN #shirk_num
               WHEN action = 'extend' THEN #postpone_num
               WHEN action = 'rework' THEN #rework_num
               WHEN action = 'verify' THEN #verify_fail_num
               WHEN action = 'urge' THEN #urge_num
               ELSE #supervise_num END,
               CASE WHEN action = 'rework' AND reworks = 1 THEN #rework_case_num
                    WHEN action = 'rework' AND reworks = 3 THEN #rework_thrice_num
                    END]::smallint[], NULL)
    FROM steps
    WHERE holder IS NOT NULL AND NOT gone
      AND (action IN ('dispatch', 'return', 'refuse_return', 'extend', 'rework')
           OR failed
           OR action IN ('urge', 'instruct') AND source IN
              ('dispatched', 'handling', 'suspended', 'handled', 'verifying', 'verified'))
    UNION ALL
    -- Inspectors: problems handled on the spot, and tasks, due as handling is.  One that was
    -- taken away before its deadline was never due.
    SELECT id, @inspector, reporter_id::text, closed_at, ARRAY[#patrol_deal_num]::smallint[]
    FROM told WHERE self_handled AND NOT gone AND closed_at IS NOT NULL
    UNION ALL
    SELECT t.id, @inspector, k.person_id::text, least(k.due_at, k.answered_at),
           array_remove(CASE k.purpose WHEN 'confirm' THEN ARRAY[
               #confirm_need_num,
               CASE WHEN k.answered_at IS NOT NULL THEN #confirm_num END,
               CASE WHEN k.answered_at <= k.due_at THEN #confirm_intime_num END]::smallint[]
           ELSE ARRAY[
               #verify_need_num,
               CASE WHEN k.answered_at IS NOT NULL THEN #verify_num END,
               CASE WHEN k.answered_at <= k.due_at THEN #verify_intime_num END,
               CASE WHEN k.outcome = 'failed' THEN #verify_fail_num END]::smallint[] END, NULL)
    FROM told t
    CROSS JOIN LATERAL (SELECT * FROM tasks c WHERE c.case_id = t.id OFFSET 0) k
    WHERE k.purpose IN ('confirm', 'verify') AND t.state NOT IN ('void', 'merged')
      AND (k.answered_at IS NOT NULL OR k.due_at <= coalesce(k.ended_at, 'infinity'))
    UNION ALL
    -- Agents: what they admitted or not, and the tasks they sent.
    SELECT case_id, @agent, actor_id::text,
           CASE WHEN action IN ('accept', 'reject') THEN at ELSE need_at END,
           array_remove(CASE action
               WHEN 'accept' THEN ARRAY[#accept_num]
               WHEN 'reject' THEN ARRAY[#not_accept_num]
               WHEN 'ask_confirm' THEN ARRAY[#confirm_need_num, #confirm_dispatch_need_num,
                   CASE WHEN in_time THEN #confirm_dispatch_intime_num END]
               ELSE ARRAY[#verify_need_num,
                   CASE WHEN in_time THEN #verify_dispatch_intime_num END] END::smallint[], NULL)
    FROM steps
    WHERE action IN ('accept', 'reject', 'ask_confirm', 'ask_verify')
      AND state NOT IN ('void', 'merged')
    UNION ALL
    -- Shift leaders: decisions on filing; a voided case stays in what they filed, as their fault.
    SELECT case_id, @shift_leader, actor_id::text, need_at, array_remove(ARRAY[
               #inst_need_num,
               CASE WHEN in_time THEN #inst_intime_num END,
               CASE WHEN action = 'decline' THEN #not_inst_num END]::smallint[], NULL)
    FROM steps WHERE action IN ('file', 'decline') AND state NOT IN ('void', 'merged')
    UNION ALL
    SELECT case_id, @shift_leader, actor_id::text, at, ARRAY[
               #inst_num,
               CASE WHEN state = 'void' THEN #cancel_num ELSE #accur_inst_num END]::smallint[]
    FROM steps WHERE action = 'file' AND state <> 'merged'
    UNION ALL
    -- … and decisions on closing: for them what is due is the decision, by the desk's own limit.
    SELECT case_id, @shift_leader, actor_id::text, need_at, array_remove(ARRAY[
               #archive_need_num, #archive_num,
               CASE WHEN in_time THEN #archive_intime_num END]::smallint[], NULL)
    FROM steps WHERE action = 'close' AND NOT gone
    UNION ALL
    -- Dispatchers: one whose case came back by a granted return had sent it wrongly.
    SELECT case_id, @dispatcher, actor_id::text, need_at, array_remove(ARRAY[
               #dispatch_need_num, #dispatch_num,
               CASE WHEN in_time THEN #dispatch_intime_num END,
               CASE WHEN wrong THEN #dispatch_wrong_num
                    ELSE #accur_dispatch_num END]::smallint[], NULL)
    FROM steps WHERE action IN ('dispatch', 'divide') AND NOT gone
    UNION ALL
    SELECT case_id, @dispatcher, dispatcher_id::text, at, ARRAY[#back_num]::smallint[]
    FROM steps WHERE action = 'return' AND dispatcher_id IS NOT NULL AND NOT gone),
fresh AS MATERIALIZED (
    SELECT id AS case_id, CAST(side AS smallint) AS side, object,
           (at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           array_joined(indicators ORDER BY indicators) AS indicators
    FROM said WHERE at <= :at AND object <> '0' GROUP BY 1, 2, 3, 4)
