"""What the rules are told of a case, and what they answer.

Pure values: facts in, a decision out.  What a decision changes in the case's own row is in
``changes``; what it writes beside it (requests, helpers, children) is in ``records``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from app.catalogue.rules import Calendar, Condition
from app.kernel.auth import Actor
from app.workflow.engine import Flow, State

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request (延期 挂账 回退 作废 …) that nobody has decided yet.

    ``levels`` are the permissions that must agree, in order; ``done`` counts those that have.
    """

    id: int
    kind: str
    levels: tuple[str, ...]
    done: int = 0
    asked_by: int = 0
    reviewed_by: int | None = None
    until: date | None = None

    @property
    def next_level(self) -> str:
        """Return the permission that must agree now."""
        return self.levels[self.done]

    @property
    def is_last(self) -> bool:
        """Say whether one more yes grants the request."""
        return self.done == len(self.levels) - 1


@dataclass(frozen=True, slots=True)
class Into:
    """The case that a report is merged into."""

    id: int
    uid: str
    name: str
    open: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules may know about a case."""

    state: str
    cell: str
    id: int = 0
    kind: str = ""
    source: str = "01"
    number: str | None = None
    department: str | None = None
    reporter_id: int | None = None
    inspector_id: int | None = None
    confirmed: bool | None = None
    passed: bool | None = None
    rework_count: int = 0
    extensions: int = 0
    suspensions: int = 0
    returns: int = 0
    exempt: bool = False
    appealed: bool = False
    parent_id: int | None = None
    helpers: tuple[str, ...] = ()
    """Departments that were asked to help and have not said that they are done."""
    request: OpenRequest | None = None
    into: Into | None = None
    clock_at: datetime | None = None
    clock_limit: float | None = None
    clock_unit: str | None = None
    due_at: datetime | None = None
    handle_from: datetime | None = None
    handle_limit: float | None = None
    handle_due_at: datetime | None = None
    handled_at: datetime | None = None
    closed_at: datetime | None = None
    left_value: float | None = None
    left_for: str | None = None
    """What was left of the handling limit, in its unit, when it stopped, and for whom."""
    condition: Condition | None = None
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    twin: str | None = None
    calendar: Calendar = field(default_factory=Calendar)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """The calendars of the departments that have one of their own."""
    stages: Mapping[str, Calendar] = field(default_factory=dict)
    """The calendars of the centre's own posts, by the stage in which a case waits for them."""
    about: str = ""
    """The kind of request that the action is a part of."""
    at: datetime | None = None

    running: Calendar | None = None
    """The holder's calendar as it was when the handling clock began: such a clock keeps to it."""

    def days_of_clock(self) -> Calendar:
        """Return the calendar by which the running clock is walked."""
        return self.running or self.days(self.department)

    def days(self, department: str | None) -> Calendar:
        """Return the calendar that ``department`` works by."""
        return self.calendars.get(department or "", self.calendar)


@dataclass(frozen=True, slots=True)
class Record:
    """Something written beside the case; ``what`` names the writer in ``records``."""

    what: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of the case: its new state, and what else of it changes."""

    action: str
    source: str
    state: str
    stage: str
    answers: Answers
    due_at: datetime | None
    changes: Mapping[str, Any]
    needs_number: bool = False
    records: tuple[Record, ...] = ()

    def change(self, **changes: Any) -> "Decision":
        """Return this decision with ``changes`` added."""
        return replace(self, changes={**self.changes, **changes})

    def record(self, what: str, **told: Any) -> "Decision":
        """Return this decision with one more thing to write beside the case."""
        return replace(self, records=(*self.records, Record(what, told)))


@dataclass(frozen=True, slots=True)
class Situation:
    """What an effect may look at: the facts, the state entered, who acts, and when (city time)."""

    case: Facts
    target: State
    actor: Actor
    at: datetime
    flow: Flow

    def department(self, decision: Decision) -> str | None:
        """Return who holds the case once ``decision`` is carried out."""
        held: str | None = decision.changes.get("department", self.case.department)
        return held
