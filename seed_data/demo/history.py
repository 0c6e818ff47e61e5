"""A year of cases, each decided step by step by the rules that decide live ones."""

from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.cases import rules
from app.cases.rules import Facts
from app.catalogue.routing import route
from app.catalogue.rules import Condition, Handbook, Limit, deadline
from app.kernel.auth import Actor
from app.workflow.engine import Flow

WEEKDAY, WEEKEND = 1.0, 0.62
HOURS = (0.2, 0.1, 0.1, 0.1, 0.2, 0.5, 1.5, 4, 8, 9, 8, 6, 4, 5, 8, 8, 7, 5, 4, 3, 2, 1.2, 0.7, 0.4)
SOURCES = (("01", 82), ("02", 7), ("03", 5), ("05", 4), ("04", 1), ("09", 1))
LEFT_LYING = 0.05
PATIENCE = timedelta(days=40)
"""The share of cases that a department leaves lying, and after how long somebody sees to it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something may happen: kind, place, cell, address, the part it is about."""

    kind: str
    lon: float
    lat: float
    cell: str
    address: str
    words: str
    part_code: str | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """The people who act, and how good each department is at keeping its limits."""

    inspectors: Mapping[str, list[Actor]]
    agent: Actor
    shift: Actor
    dispatcher: Actor
    departments: Mapping[str, Actor]
    punctual: Mapping[str, float]


@dataclass(slots=True)
class Told:
    """One case as it will be stored: its columns, and its journal."""

    columns: dict[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Life:
    """Everything that is the same for all cases of the year."""

    flow: Flow
    book: Handbook
    cast: Cast
    now: datetime
    random: Random
    serials: Counter[tuple[str, Any]] = field(default_factory=Counter)
    grades: Mapping[str, str] = field(default_factory=dict)

    def moments(self, days: int, count: int) -> list[datetime]:
        """Return ``count`` instants of the last ``days`` days, when people report things."""
        weights = [
            (WEEKDAY if (self.now - timedelta(days=d)).weekday() < 5 else WEEKEND)
            for d in range(days)
        ]
        found: list[datetime] = []
        for day in self.random.choices(range(days), weights, k=count):
            hour = self.random.choices(range(24), HOURS)[0]
            midnight = (self.now - timedelta(days=day)).replace(hour=0, minute=0, second=0)
            at = midnight + timedelta(hours=hour, seconds=self.random.uniform(0, 3600))
            insort(found, min(at, self.now - timedelta(seconds=self.random.uniform(5, 900))))
        return found

    def soon(self, minutes: float) -> timedelta:
        """Return a short wait, about ``minutes`` long, seldom three times as long."""
        spread = self.random.lognormvariate(0, 0.55)
        return timedelta(minutes=minutes * min(spread, 4))


def tell(life: Life, spot: Spot, at: datetime) -> Told:
    """Return the case that begins at ``spot`` and goes as far as it has come by now."""
    source = life.random.choices([s for s, _ in SOURCES], [w for _, w in SOURCES])[0]
    area = next(a for a in life.cast.inspectors if spot.cell.startswith(a))
    witness = life.random.choice(life.cast.inspectors[area])
    reporter = witness if source == "01" else life.cast.agent
    told = _begin(life, spot, source, reporter, at)
    for action, actor, answers, when in _course(life, told, area):
        if when > life.now or _waits(life, when):
            break
        _take(life, told, action, actor, answers, when)
    return told


def _waits(life: Life, when: datetime) -> bool:
    """Say whether a turn of the last hours is still to come: no desk is ever quite empty."""
    age = life.now - when
    likely = 0.6 if age < timedelta(minutes=25) else 0.03 if age < timedelta(hours=12) else 0
    return life.random.random() < likely


def _begin(life: Life, spot: Spot, source: str, reporter: Actor, at: datetime) -> Told:
    state = life.flow.states[life.flow.start]
    started = rules.clock(rules.limit_of(state, None), at, life.book.calendar())
    columns = {
        "source": source,
        "kind": spot.kind,
        "part_code": spot.part_code,
        "description": spot.words,
        "address": spot.address,
        "cell": spot.cell,
        "lon": spot.lon,
        "lat": spot.lat,
        "state": state.name,
        "stage": str(state.stage),
        "reporter_id": reporter.person_id,
        "reported_at": at,
        "rework_count": 0,
        **started,
    }
    told = Told(columns)
    _note(told, "report", "", state.name, reporter, {}, None, at)
    return told


Turn = tuple[str, Actor, dict[str, Any], datetime]


def _course(life: Life, told: Told, area: str) -> Iterator[Turn]:
    """Yield what happens to a case, one turn at a time, until it closes or is left lying."""
    at = told.columns["reported_at"]
    at += life.soon(4)
    if life.random.random() < 0.03:
        yield "reject", life.cast.agent, {"reason": "经核对，不属于城市管理受理范围。"}, at
        return
    yield "accept", life.cast.agent, {}, at
    at += life.soon(4)
    condition = _condition(life, told.columns["kind"])
    yield "file", life.cast.shift, {"condition": str(condition.id)}, at
    at += life.soon(4)
    found = route(life.book.routes, told.columns["kind"], told.columns["cell"])
    department = found.department if found else next(iter(life.cast.departments))
    yield "dispatch", life.cast.dispatcher, {"department": department}, at
    checkers = [i for i in life.cast.inspectors[area] if i.person_id != told.columns["reporter_id"]]
    if at < life.now - PATIENCE or life.random.random() >= LEFT_LYING:
        yield from _handling(life, told, life.cast.departments[department], checkers, at)


def _handling(
    life: Life, told: Told, department: Actor, checkers: list[Actor], at: datetime
) -> Iterator[Turn]:
    """Yield sign, report, verify and close; sometimes rework before that."""
    passed = False
    while not passed:
        limit = Limit(told.columns["clock_limit"], told.columns["clock_unit"])
        signed = at + life.soon(12)
        done = _done_at(life, department, told.columns["clock_at"], limit)
        yield "sign", department, {}, signed
        at = max(done, signed + timedelta(minutes=5))
        yield (
            "report_done",
            department,
            {"result": "已处置完毕，现场恢复正常。", "photos": ["x"]},
            at,
        )
        at += life.soon(4)
        checker = life.random.choice(checkers)
        yield "ask_verify", life.cast.agent, {"inspector": str(checker.person_id)}, at
        at += life.soon(14)
        passed = life.random.random() > 0.021
        yield "verify", checker, {"passed": passed}, at
        at += life.soon(4)
        if not passed:
            yield "rework", life.cast.shift, {"reason": "现场仍不符合结案条件。"}, at
    yield "close", life.cast.shift, {}, at


def _condition(life: Life, kind: str) -> Condition:
    known = life.book.conditions[kind]
    return life.random.choice(known[:3])


def _done_at(life: Life, department: Actor, start: datetime, limit: Limit) -> datetime:
    """Return when the department is done: inside the limit as often as it is punctual."""
    punctual = life.cast.punctual[department.department or ""]
    in_time = life.random.random() < punctual
    share = life.random.betavariate(2.2, 2.4) * 0.94 if in_time else life.random.uniform(1.04, 1.9)
    return deadline(start, limit.share(max(share, 0.03)), life.book.calendar()).due


def _take(
    life: Life, told: Told, action: str, actor: Actor, answers: dict[str, Any], at: datetime
) -> None:
    """Let the rules decide, and make the case what they say."""
    facts = _facts(life, told.columns, answers)
    decision = rules.decide(life.flow, facts, action, actor, answers, at)
    if decision.needs_number:
        day = (decision.changes.get("kind", told.columns["kind"]), at.date())
        life.serials[day] += 1
        told.columns["number"] = rules.number_of(*day, life.serials[day])
    told.columns |= decision.changes
    told.columns |= {"state": decision.state, "stage": str(decision.stage)}
    source = decision.source
    _note(told, action, source, decision.state, actor, answers, decision.due_at, at)


def _facts(life: Life, columns: Mapping[str, Any], answers: Mapping[str, Any]) -> Facts:
    grade = life.grades.get(columns["cell"], "B")
    filed_by = life.book.conditions_for(columns["kind"], grade=grade, on=life.now.date())
    known = {str(c.id): c for c in filed_by}
    chosen = answers.get("condition") or columns.get("condition_id")
    return Facts(
        state=columns["state"],
        cell=columns["cell"],
        kind=columns["kind"],
        number=columns.get("number"),
        department=columns.get("department"),
        reporter_id=columns["reporter_id"],
        inspector_id=columns.get("inspector_id"),
        passed=columns.get("passed"),
        rework_count=columns["rework_count"],
        due_at=columns.get("due_at"),
        condition=known.get(str(chosen)),
        conditions=known,
        calendar=life.book.calendar(),
    )


def _note(
    told: Told,
    action: str,
    source: str,
    target: str,
    actor: Actor,
    answers: Mapping[str, Any],
    due_at: datetime | None,
    at: datetime,
) -> None:
    told.steps.append(
        {
            "position": len(told.steps) + 1,
            "action": action,
            "source": source,
            "target": target,
            "actor_id": actor.person_id,
            "post": actor.post,
            "department": actor.department,
            "answers": {k: v for k, v in answers.items() if k != "photos"},
            "due_at": due_at,
            "at": at,
        }
    )
