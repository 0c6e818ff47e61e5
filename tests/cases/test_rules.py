"""What the rules say, without a database: the flow table run over everything."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product

import pytest

from app.cases import rules
from app.cases.facts import Into, OpenRequest
from app.cases.rules import Facts
from app.catalogue.rules import Condition, Limit
from app.kernel.auth import Actor
from app.kernel.clock import CITY_TIME
from app.kernel.errors import Forbidden, Refused
from app.org.rules import PERMISSIONS, POSTS
from app.workflow.engine import Ask, Move, read
from seed_data.standard.load import flow_document

FLOW = read(1, flow_document())
MONDAY = datetime(2026, 11, 23, 9, tzinfo=CITY_TIME)
HOUR = timedelta(hours=1)
CONDITION = Condition(7, "有垃圾", Limit(4, "wh"), "清理干净")
EVERYTHING = frozenset(m.permission for m in FLOW.moves) | {"case.review", "case.approve"}
WORKER = Actor(5, "x", EVERYTHING, department="HW")
ANSWERS = {
    "inspector": "5", "result": "好", "photos": ["p", "q"], "reason": "因", "condition": "7",
    "department": "HW", "passed": True, "found": True, "departments": ["YL", "SZ"],
    "into": "E2", "until": "2026-12-24",
}  # fmt: skip
READY = Facts(
    "reported", "37990100100101", id=1, kind="E0102", number="E1", department="HW", reporter_id=1,
    inspector_id=5, passed=True, condition=CONDITION, conditions={"7": CONDITION},
    into=Into(2, "u", "E2", open=True), clock_at=MONDAY - HOUR, clock_limit=4, clock_unit="wh",
    due_at=MONDAY + 3 * HOUR, handle_from=MONDAY - HOUR, handle_limit=4,
    handle_due_at=MONDAY + 3 * HOUR,
)  # fmt: skip


def ready_for(move):
    """Return facts that no guard of ``move`` objects to, for ``WORKER``."""
    case = replace(READY, state=move.source, passed=move.action != "rework")
    case = replace(case, reporter_id=5 if move.action == "self_handle" else 1)
    case = replace(case, helpers=("HW",) if move.action == "end_help" else ())
    if move.source == "closed":
        case = replace(case, closed_at=MONDAY - HOUR)
    if move.request == "appeal":
        case = replace(case, handle_due_at=MONDAY - HOUR)
    if move.request and not move.action.startswith("ask_"):
        case = replace(case, request=request_for(move))
    return case


def request_for(move):
    """Return a request of ``move``'s kind that waits for just this step."""
    kind = FLOW.requests[move.request]
    levels = kind.levels if move.action != f"review_{kind.name}" else kind.later or kind.levels
    done = len(levels) - 1 if move.action == kind.name else 0
    own = move.action.startswith("withdraw_")
    return OpenRequest(1, kind.name, levels, done, 5 if own else 1, None, date(2026, 12, 24))


def may_be_taken(move):
    """Say whether a row can ever be taken: what one level decides is never reviewed."""
    kind = FLOW.requests.get(move.request)
    reviewed = kind is None or move.action != f"review_{kind.name}"
    return reviewed or len(kind.later or kind.levels) > 1


def take(case, action, answers=ANSWERS, actor=WORKER, at=MONDAY):
    return rules.decide(FLOW, case, action, actor, answers, at)


@pytest.mark.parametrize("move", FLOW.moves, ids=lambda m: f"{m.source}-{m.action}")
def test_each_row_of_the_table_leads_where_it_says(move):
    if not may_be_taken(move):
        with pytest.raises(Refused, match="no further level"):
            take(ready_for(move), move.action)
        return
    decision = take(ready_for(move), move.action)
    assert (decision.state, decision.stage) == (move.target, FLOW.states[move.target].stage)


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (state, action)
        for state in FLOW.states
        for action in sorted({m.action for m in FLOW.moves})
        if (state, action) not in {(m.source, m.action) for m in FLOW.moves}
    ],
)
def test_every_other_pair_is_refused(state, action):
    with pytest.raises(Refused, match="not possible now"):
        take(replace(READY, state=state), action)


@pytest.mark.parametrize("move", FLOW.moves, ids=lambda m: f"{m.source}-{m.action}")
def test_without_its_permission_no_action_is_taken(move):
    actor = replace(WORKER, permissions=EVERYTHING - {move.permission})
    with pytest.raises(Forbidden):
        take(replace(READY, state=move.source), move.action, actor=actor)


@pytest.mark.parametrize("move", FLOW.moves, ids=lambda m: f"{m.source}-{m.action}")
def test_outside_the_actors_area_no_action_is_taken(move):
    with pytest.raises(Forbidden):
        take(replace(READY, state=move.source), move.action, actor=replace(WORKER, area="379902"))


@pytest.mark.parametrize("post", [*POSTS, "system"])
def test_every_state_and_action_is_allowed_to_the_posts_of_the_table_alone(post):
    """All states × all actions for one post: allowed where a row and its permissions say so."""
    held = PERMISSIONS.get(post, {"system"})
    actor = Actor(5, post, frozenset(held), department="HW")
    wrong = []
    for state, action in product(FLOW.states, sorted({m.action for m in FLOW.moves})):
        row = next((m for m in FLOW.moves if (m.source, m.action) == (state, action)), None)
        case = ready_for(row) if row else replace(READY, state=state)
        level = case.request.next_level if row and row.permission == "case.decide" else ""
        wanted = bool(
            row and may_be_taken(row) and row.permission in held and (not level or level in held)
        )
        if wanted != happens(case, action, actor):
            wrong.append((state, action, wanted))
    assert wrong == []


def happens(case, action, actor):
    try:
        take(case, action, actor=actor)
    except (Refused, Forbidden):
        return False
    return True


LATE = MONDAY - timedelta(minutes=1)
ASKED = OpenRequest(1, "extend", ("case.review", "case.approve"), 0, asked_by=9)


@pytest.mark.parametrize(
    ("state", "action", "change", "answers", "says"),
    [
        ("reported", "accept", {"source": "02"}, {}, "confirmed on site"),
        ("reported", "accept", {"source": "02", "confirmed": False}, {}, "Nothing was found"),
        ("reported", "self_handle", {}, {}, "Only who reported"),
        ("reported", "self_handle", {"reporter_id": 5}, {"photos": ["p"]}, "before and one"),
        ("reported", "merge", {"into": None}, {}, "Name the other case"),
        ("reported", "merge", {"into": Into(1, "u", "E1", True)}, {}, "Name the other case"),
        ("reported", "merge", {"into": Into(2, "u", "E2", False)}, {}, "has ended"),
        ("filed", "divide", {}, {"departments": ["HW"]}, "two to ten"),
        ("filed", "divide", {}, {"departments": [str(n) for n in range(11)]}, "two to ten"),
        ("filed", "divide", {"parent_id": 3}, {}, "not divided again"),
        ("handling", "ask_help", {}, {"departments": ["HW"]}, "other than the one"),
        ("handling", "end_help", {"helpers": ("YL",)}, {}, "not asked to help"),
        ("handling", "report_done", {"helpers": ("YL",)}, {}, "has not reported yet"),
        ("handling", "ask_extend", {"due_at": LATE}, {}, "deadline has passed"),
        ("handling", "ask_extend", {"due_at": None}, {}, "deadline has passed"),
        ("handling", "ask_extend", {"extensions": 2}, {}, "no third time"),
        ("handling", "ask_extend", {"request": ASKED}, {}, "Another request"),
        ("handling", "ask_suspend", {"suspensions": 1}, {}, "no second time"),
        ("handling", "ask_suspend", {}, {"until": "2026-11-23"}, "within a year"),
        ("handling", "ask_suspend", {}, {"until": "2027-11-25"}, "within a year"),
        ("handling", "ask_appeal", {}, {}, "not count as overdue"),
        ("handling", "ask_appeal", {"handle_due_at": LATE, "exempt": True}, {}, "not count"),
        ("handling", "ask_appeal", {"handle_due_at": LATE, "appealed": True}, {}, "no second"),
        ("closed", "ask_reopen", {"closed_at": MONDAY - timedelta(days=31)}, {}, "30 days"),
        ("handling", "extend", {}, {}, "Nobody has asked"),
        ("handling", "suspend", {"request": ASKED}, {}, "Nobody has asked"),
        ("handling", "extend", {"request": ASKED}, {}, "needs a first review"),
        ("handling", "extend", {"request": replace(ASKED, asked_by=5, done=1)}, {}, "themselves"),
        (
            "handling",
            "extend",
            {"request": replace(ASKED, reviewed_by=5, done=1)},
            {},
            "themselves",
        ),
        ("handling", "review_extend", {"request": replace(ASKED, done=1)}, {}, "no further level"),
        ("handling", "withdraw_extend", {"request": ASKED}, {}, "Only who asked"),
        ("reported", "accept", {"cell": ""}, {}, "Place the case"),
        ("accepted", "file", {}, {"condition": "9"}, "filing condition"),
        ("accepted", "file", {"twin": "E0102202611220001"}, {}, "same part"),
        ("filed", "dispatch", {}, {"department": None}, "Choose the department"),
        ("dispatched", "sign", {"department": "YL"}, {}, "does not hold"),
        ("dispatched", "sign", {"department": None}, {}, "does not hold"),
        ("handling", "report_done", {}, {"photos": None}, "photo"),
        ("handled", "ask_verify", {"reporter_id": 5}, {}, "may not check"),
        ("verifying", "verify", {"inspector_id": 9}, {}, "another inspector"),
        ("verifying", "verify", {"inspector_id": None}, {}, "another inspector"),
        ("verified", "close", {"passed": False}, {}, "rework"),
        ("verified", "close", {"passed": None}, {}, "rework"),
        ("verified", "rework", {"passed": True}, {}, "nothing to rework"),
    ],
)
def test_each_guard_says_why(state, action, change, answers, says):
    case = replace(READY, state=state, **change)
    with pytest.raises(Refused, match=says):
        take(case, action, {**ANSWERS, **answers})


def granted(state, kind, **change):
    """Return what granting a request of ``kind`` decides; one more yes is all it needs."""
    asked = OpenRequest(1, kind, ("case.approve",), 0, 9, None, date(2026, 12, 24))
    return take(replace(READY, state=state, request=asked, **change), kind)


def test_an_extension_adds_one_original_limit_to_the_running_clock():
    decision = granted("handling", "extend")
    assert decision.changes["clock_limit"] == 8
    # Monday 08:00 and eight working hours: the end of the day.
    assert decision.changes["due_at"] == MONDAY.replace(hour=18)
    assert decision.changes["handle_due_at"] == MONDAY.replace(hour=18)
    assert decision.changes["extensions"] == 1


def test_a_suspended_case_has_no_deadline_and_goes_on_with_what_was_left():
    held = granted("handling", "suspend")
    assert held.changes["due_at"] is held.changes["handle_due_at"] is None
    assert (held.changes["left_value"], held.changes["left_for"]) == (3, "HW")
    assert held.changes["suspended_until"] == datetime(2026, 12, 24, tzinfo=CITY_TIME)
    case = replace(READY, state="suspended", left_value=3, left_for="HW")
    weeks_later = MONDAY + timedelta(days=30)
    woken = rules.decide(FLOW, case, "wake", rules.SYSTEM, {}, weeks_later)
    assert woken.changes["clock_limit"] == 3
    # From 09:00: three hours to 12:00.
    assert woken.changes["due_at"] == weeks_later.replace(hour=12)


def test_a_hold_outside_working_hours_costs_nothing():
    evening, morning = MONDAY.replace(hour=18), MONDAY.replace(hour=8) + timedelta(days=1)
    started = {"clock_at": MONDAY.replace(hour=14), "clock_limit": 8.0}
    asked = OpenRequest(1, "suspend", ("case.approve",), 0, 9, None, date(2026, 11, 24))
    case = replace(READY, state="handling", request=asked, **started)
    late = [take(case, "suspend", at=at).changes["left_value"] for at in (evening, morning)]
    assert late == [4, 4]


def test_a_return_sent_back_to_the_same_department_resumes_and_to_another_restarts():
    back = granted("handling", "return")
    assert (back.changes["department"], back.changes["left_value"]) == (None, 3)
    waiting = replace(READY, state="filed", department=None, left_value=3.0, left_for="HW")
    same = take(waiting, "dispatch", {"department": "HW"})
    other = take(waiting, "dispatch", {"department": "YL"})
    assert (same.changes["clock_limit"], other.changes["clock_limit"]) == (3, 4)
    assert same.changes["left_value"] is None


def test_a_result_sent_back_lets_the_clock_go_on_as_if_it_had_never_been_reported():
    case = replace(READY, state="handled", clock_at=MONDAY, clock_limit=0.25, clock_unit="uwh")
    decision = take(case, "send_back")
    assert decision.changes["due_at"] == READY.due_at
    assert decision.changes["handled_at"] is None


def test_a_second_extension_needs_a_second_level():
    first = take(replace(READY, state="handling"), "ask_extend").records[0].told
    second = take(replace(READY, state="handling", extensions=1), "ask_extend").records[0].told
    assert first["levels"] == ["case.review"]
    assert second["levels"] == ["case.review", "case.approve"]


def test_a_request_lapses_when_the_case_leaves_it_behind():
    asked = OpenRequest(4, "extend", ("case.review",), 0, 9)
    gone = take(replace(READY, state="handling", request=asked), "report_done")
    assert [(r.what, r.told["outcome"]) for r in gone.records] == [("decide", "lapsed")]
    void = OpenRequest(4, "void", ("case.approve",), 0, 9)
    assert not take(replace(READY, state="handling", request=void), "report_done").records


def test_the_parts_of_a_divided_case_each_have_the_whole_limit():
    parts = take(replace(READY, state="filed"), "divide").records[0].told["parts"]
    assert [part["department"] for part in parts] == ["YL", "SZ"]
    assert {part["due_at"] for part in parts} == {MONDAY + timedelta(hours=6)}


def test_dispatch_hands_over_and_starts_the_handling_clock():
    decision = take(replace(READY, state="filed"), "dispatch")
    assert decision.changes["department"] == "HW"
    assert decision.changes["due_at"] == MONDAY + timedelta(hours=6)
    assert decision.changes["handle_due_at"] == decision.changes["due_at"]
    assert decision.changes["amber_at"] == MONDAY + timedelta(hours=5, minutes=12)
    assert decision.changes["close_due_at"] > decision.changes["handle_due_at"]


def test_rework_counts_and_gives_a_fresh_limit():
    case = replace(READY, state="verified", passed=False, rework_count=1)
    decision = take(case, "rework", at=MONDAY + timedelta(days=1))
    assert (decision.changes["rework_count"], decision.changes["handled_at"]) == (2, None)
    assert decision.changes["due_at"] == MONDAY + timedelta(days=1, hours=6)


def test_only_the_first_filing_numbers_a_case():
    fresh = take(replace(READY, state="accepted", number=None), "file")
    again = take(replace(READY, state="accepted"), "file")
    assert (fresh.needs_number, again.needs_number) == (True, False)


@pytest.mark.parametrize(
    ("minutes", "lamp"),
    [(0, "normal"), (311, "normal"), (312, "soon"), (360, "soon"), (361, "overdue")],
)
def test_the_lamp_turns_at_eighty_and_at_a_hundred_per_cent(minutes, lamp):
    started = rules.clock(Limit(6.5, "uwh"), MONDAY, READY.calendar)
    at = MONDAY + timedelta(minutes=minutes * 390 / 360 if minutes > 312 else minutes)
    assert rules.lamp(at, started["amber_at"], started["due_at"]) == lamp


@pytest.mark.parametrize(
    ("kind", "serial", "number"),
    [
        ("E0102", 17, "E0102202611220017"),
        ("C0103", 9999, "C0103202611229999"),
        ("E0102", 10_000, "E01022026112210000"),
        ("E01002", 1, "E01002202611220001"),
    ],
)
def test_case_numbers(kind, serial, number):
    assert rules.number_of(kind, date(2026, 11, 22), serial) == number


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("{day}{serial:04d}", "202611220007"),
        ("371500{kind}{day}{serial:05d}", "371500E01022026112200007"),
    ],
)
def test_a_city_may_write_its_numbers_in_its_own_way(pattern, number):
    assert rules.number_of("E0102", date(2026, 11, 22), 7, pattern) == number


MOVE = Move(
    "x", "X", "a", "b", "p",
    asks=(
        Ask("reason", "longtext", "R"),
        Ask("department", "choice", "D", required=False),
        Ask("passed", "bool", "P", required=False),
        Ask("photos", "photos", "F", required=False),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "clean"),
    [
        ({"reason": " a "}, {"reason": "a"}),
        ({"reason": 5}, {"reason": "5"}),
        ({"reason": "a", "passed": "false"}, {"reason": "a", "passed": False}),
        ({"reason": "a", "passed": True}, {"reason": "a", "passed": True}),
        ({"reason": "a", "department": "HW"}, {"reason": "a", "department": "HW"}),
        ({"reason": "a", "photos": ["p", "p"]}, {"reason": "a", "photos": ("p",)}),
        ({"reason": "a", "state": "closed", "id": 1}, {"reason": "a"}),
    ],
)
def test_answers_are_read_as_what_was_asked(answers, clean):
    assert rules.check_answers(MOVE, answers, {"department": {"HW"}}) == clean


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "reason"),
        ({"reason": "  "}, "reason"),
        ({"reason": ["a"]}, "reason"),
        ({"reason": True}, "reason"),
        ({"reason": "a" * 4_001}, "reason"),
        ({"reason": "a", "department": "XX"}, "department"),
        ({"reason": "a", "department": {"$ne": 1}}, "department"),
        ({"reason": "a", "passed": "maybe"}, "passed"),
        ({"reason": "a", "passed": []}, "passed"),
        ({"reason": "a", "photos": "p"}, "photos"),
        ({"reason": "a", "photos": [1]}, "photos"),
        ({"reason": "a", "photos": ["p"] * 21}, "photos"),
    ],
)
def test_a_wrong_answer_names_its_field(answers, field):
    with pytest.raises(Refused) as refused:
        rules.check_answers(MOVE, answers, {"department": {"HW"}})
    assert field in refused.value.fields
