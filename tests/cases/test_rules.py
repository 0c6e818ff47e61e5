"""What the rules say, without a database: the flow table run over everything."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.cases import rules
from app.cases.rules import Facts
from app.catalogue.rules import Condition, Limit
from app.kernel.auth import Actor
from app.kernel.clock import CITY_TIME
from app.kernel.errors import Forbidden, Refused
from app.workflow.engine import Ask, Move, read
from seed_data.standard.load import flow_document

FLOW = read(1, flow_document())
MONDAY = datetime(2026, 11, 23, 9, tzinfo=CITY_TIME)
CONDITION = Condition(7, "有垃圾", Limit(4, "wh"), "清理干净")
EVERYTHING = frozenset(m.permission for m in FLOW.moves)
WORKER = Actor(5, "x", EVERYTHING, department="HW")
ANSWERS = {
    "inspector": "5", "result": "好", "photos": ["p"], "reason": "因", "condition": "7",
    "department": "HW", "passed": True,
}  # fmt: skip
READY = Facts(
    "reported", "37990100100101", "E0102", number="E1", department="HW", reporter_id=1,
    inspector_id=5, passed=True, condition=CONDITION, conditions={"7": CONDITION},
)  # fmt: skip


def take(case, action, answers=ANSWERS, actor=WORKER, at=MONDAY):
    return rules.decide(FLOW, case, action, actor, answers, at)


@pytest.mark.parametrize("move", FLOW.moves, ids=lambda m: f"{m.source}-{m.action}")
def test_each_row_of_the_table_leads_where_it_says(move):
    passed = move.action != "rework"
    decision = take(replace(READY, state=move.source, passed=passed), move.action)
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


@pytest.mark.parametrize(
    ("state", "action", "change", "answers", "says"),
    [
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


class AnyCase(RuleBasedStateMachine):
    """Whatever people try, a case stays where its flow allows and its story adds up."""

    def __init__(self):
        super().__init__()
        self.case, self.at = replace(READY, number=None), MONDAY
        self.reworks = 0

    @rule(
        action=st.sampled_from(sorted({m.action for m in FLOW.moves})),
        passed=st.booleans(),
        department=st.sampled_from(["HW", "YL"]),
        minutes=st.integers(1, 3_000),
    )
    def try_it(self, action, passed, department, minutes):
        self.at += timedelta(minutes=minutes)
        answers = {**ANSWERS, "passed": passed, "department": department, "inspector": "5"}
        try:
            decision = take(self.case, action, answers, at=self.at)
        except Refused:
            return
        known = {k: v for k, v in decision.changes.items() if hasattr(self.case, k)}
        self.reworks += action == "rework"
        self.case = replace(self.case, **known, state=decision.state)
        if decision.needs_number:
            self.case = replace(self.case, number="E1")

    @invariant()
    def an_open_case_has_a_clock_and_a_filed_one_a_number(self):
        stage = FLOW.states[self.case.state].stage
        if self.case.state in {"handled", "verifying", "verified", "closed", "handling"}:
            assert self.case.number
        if stage == "close":
            assert self.case.due_at is None
        assert self.case.rework_count == self.reworks


AnyCase.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyCase = AnyCase.TestCase
