"""Whatever people try, in whatever order: the rules against a plain model written beside them.

The model knows the flow as a table of its own and runs the handling limit down minute by minute;
it shares no line with the rules.
"""

import os
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from app.cases import rules
from app.cases.facts import Into, OpenRequest
from app.cases.rules import Facts
from app.catalogue.rules import Condition, Limit
from app.kernel.auth import Actor
from app.kernel.clock import CITY_TIME
from app.kernel.errors import Refused
from app.workflow.engine import read
from seed_data.standard.load import flow_document

FLOW = read(1, flow_document())
START = datetime(2026, 11, 23, 9, tzinfo=CITY_TIME)
LIMIT = 600
"""Minutes of the handling limit, on a clock that runs day and night."""
CONDITION = Condition(7, "有垃圾", Limit(LIMIT / 60, "uwh"), "清理干净")
EVERYTHING = frozenset(m.permission for m in FLOW.moves) | {"case.review", "case.approve"}
PLAIN = """
reported: ask_confirm>confirming accept>accepted reject>rejected merge>merged
confirming: confirm>reported
accepted: file>filed decline>rejected merge>merged
merged: unmerge>reported
filed: dispatch>dispatched divide>divided
divided: end_divided>closed
dispatched: sign>handling ask_help>dispatched end_help>dispatched
handling: report_done>handled ask_help>handling end_help>handling
suspended: resume>handling wake>handling
handled: ask_verify>verifying send_back>handling
verifying: verify>verified
verified: ask_verify>verifying rework>dispatched close>closed
"""
GRANTED = {
    "return": ("dispatched handling", "filed"),
    "extend": ("handling", ""),
    "suspend": ("handling", "suspended"),
    "void": ("accepted filed dispatched handling suspended handled verifying verified", "void"),
    "force_close": ("filed dispatched handling suspended handled verifying verified", "forced"),
    "reopen": ("closed", "verifying"),
    "appeal": ("dispatched handling handled verifying verified closed", ""),
}
TABLE = {
    (state, move.split(">")[0]): move.split(">")[1]
    for line in PLAIN.strip().splitlines()
    for state, moves in [line.split(": ")]
    for move in moves.split()
}
ENDS = {"closed", "forced", "void", "merged", "rejected"}
ACTIONS = sorted({m.action for m in FLOW.moves} - {"self_handle"})
SEEN: set[str] = set()
RUNS = int(os.environ.get("RUNS", "2000"))


class Model:
    """What should be true of a case, kept by hand."""

    def __init__(self):
        self.state, self.request = "reported", None
        self.left = None
        self.department = None
        self.kept = None
        self.counts = {"extensions": 0, "suspensions": 0, "returns": 0, "rework_count": 0}
        self.exempt = self.appealed = False

    def pass_time(self, minutes):
        if self.state in {"dispatched", "handling"}:
            self.left -= minutes

    def goes(self, action):
        """Return where ``action`` leads from here by the plain table, None if nowhere."""
        verb, _, kind = action.partition("_")
        kind = action if action in GRANTED else kind
        if action == kind or (verb in {"ask", "review", "refuse", "withdraw"} and kind in GRANTED):
            sources, target = GRANTED[kind]
            if self.state not in sources.split():
                return None
            return (target or self.state) if action == kind else self.state
        return TABLE.get((self.state, action))


class AnyCase(RuleBasedStateMachine):
    """A case that everybody tries everything on."""

    def __init__(self):
        super().__init__()
        self.model, self.at = Model(), START
        self.case = Facts(
            "reported", "37990100100101", id=1, kind="E0102", reporter_id=1,
            condition=CONDITION, conditions={"7": CONDITION}, into=Into(2, "u", "E2", open=True),
        )  # fmt: skip

    @initialize(deep=st.integers(0, 2))
    def begin(self, deep):
        """Let some cases be with their department already, and some be suspended."""
        way = ("accept", "file", "dispatch", "sign"), ("ask_suspend", "review_suspend", "suspend")
        for person, action in enumerate((*way[0], *way[1]) if deep == 2 else way[0] * deep):
            self.take(action, 5 + person % 3, "HW", passed=True)

    @rule(
        nth=st.integers(0, 10_000),
        wild=st.integers(0, 4),
        person=st.sampled_from([5, 6, 7]),
        passed=st.booleans(),
        department=st.sampled_from(["HW", "YL"]),
        minutes=st.integers(0, 200),
    )
    def try_it(self, nth, wild, person, passed, department, minutes):
        self.at += timedelta(minutes=minutes)
        self.model.pass_time(minutes)
        # Four times out of five something that the table knows here: else few would get far.
        likely = [one for one in ACTIONS if self.model.goes(one)]
        action = (ACTIONS if wild == 0 or not likely else likely)[nth % len(likely or ACTIONS)]
        self.take(action, person, department, passed=passed)

    def take(self, action, person, department, *, passed):
        """Try ``action`` on rules and model alike."""
        actor = Actor(person, "x", EVERYTHING | {"system"}, department=department)
        other = "YL" if self.case.department == "HW" else "HW"
        answers = {
            "inspector": str(person), "result": "好", "photos": ["p"], "reason": "因",
            "condition": "7", "department": department, "passed": passed, "found": passed,
            "departments": ["SZ", other], "into": "E2",
            "until": str(self.at.date() + timedelta(days=3)),
        }  # fmt: skip
        where = self.model.goes(action)
        try:
            decision = rules.decide(FLOW, self.case, action, actor, answers, self.at)
        except Refused:
            return
        assert decision.state == where
        self.expect(action, where, department)
        self.follow(decision, person)

    def expect(self, action, where, department):
        """Move the model on, by hand."""
        model, former = self.model, self.model.state
        model.state = where
        SEEN.add(where)
        if action == "dispatch":
            same = model.kept and model.kept[0] == department
            model.department, model.left = department, model.kept[1] if same else LIMIT
            model.kept = None
        elif action == "rework":
            model.left, model.kept = LIMIT, None
            model.counts["rework_count"] += 1
        elif action == "extend":
            model.left += LIMIT
            model.counts["extensions"] += 1
        elif action == "suspend":
            model.kept = (model.department, model.left)
            model.counts["suspensions"] += 1
        elif action in {"resume", "wake"}:
            model.left, model.kept = model.kept[1], None
        elif action == "return":
            model.kept, model.department = (model.department, model.left), None
            model.counts["returns"] += 1
        elif action == "send_back":
            model.left = self.minutes_to(self.case.handle_due_at)
        model.exempt |= action == "appeal"
        model.appealed |= action == "ask_appeal"
        assert former not in ENDS - {"closed", "merged"} or former == where

    def minutes_to(self, due):
        return (due - self.at).total_seconds() / 60

    def follow(self, decision, person):
        """Carry the decision over to the facts, as the database would."""
        known = {k: v for k, v in decision.changes.items() if hasattr(self.case, k)}
        number = "E1" if decision.needs_number else self.case.number
        self.case = replace(self.case, **known, state=decision.state, number=number)
        for record in decision.records:
            self.write(record.what, record.told, person)

    def write(self, what, told, person):
        request = self.case.request
        if what == "ask":
            assert request is None
            until = date.fromisoformat(told["until"]) if told["until"] else None
            request = OpenRequest(1, told["kind"], tuple(told["levels"]), 0, person, None, until)
        elif what == "review":
            request = replace(request, done=request.done + 1, reviewed_by=person)
        elif what == "decide":
            if told["outcome"] == "granted":
                assert request.is_last
                assert person not in (request.asked_by, request.reviewed_by)
            request = None
        elif what == "help":
            helpers = {*self.case.helpers, *told["departments"]}
            self.case = replace(self.case, helpers=tuple(sorted(helpers)))
        elif what == "helped":
            left = tuple(h for h in self.case.helpers if h != told["department"])
            self.case = replace(self.case, helpers=left)
        self.case = replace(self.case, request=request)

    @invariant()
    def the_case_is_what_the_model_says(self):
        model, case = self.model, self.case
        assert case.state == model.state
        assert {name: getattr(case, name) for name in model.counts} == model.counts
        assert (case.exempt, case.appealed) == (model.exempt, model.appealed)
        assert case.extensions <= 2
        assert case.suspensions <= 1

    @invariant()
    def the_handling_clock_runs_down_only_while_the_department_works(self):
        if self.model.state in {"dispatched", "handling"}:
            # A clock that goes on with nothing left is due at once, not in the past.
            assert abs(self.minutes_to(self.case.due_at) - self.model.left) < 1 or (
                self.model.left < 1
            )
            self.model.left = self.minutes_to(self.case.due_at)

    @invariant()
    def a_held_case_never_turns_overdue_and_an_ended_one_has_no_clock(self):
        if self.model.state in {"suspended", "divided"} | ENDS:
            assert self.case.due_at is None
        assert (self.case.closed_at is not None) == (self.model.state in ENDS)
        if self.model.state in {"filed", "dispatched", "handling", "handled", "closed"}:
            assert self.case.number

    @invariant()
    def a_request_is_only_open_where_it_could_be_granted(self):
        if self.case.request:
            assert FLOW.allows(self.case.state, self.case.request.kind)


def test_whatever_people_try_the_rules_agree_with_the_model():
    ran = settings(max_examples=RUNS, stateful_step_count=50, deadline=None)
    run_state_machine_as_test(AnyCase, settings=ran)
    # A run that never got far would prove nothing.
    assert set(FLOW.states) == SEEN
