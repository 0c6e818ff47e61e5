"""What happens to a case when somebody acts on it.

Pure: facts in, decision out.  Guards and effects are looked up by the names an
administrator puts in the flow table; the vocabulary is the two dicts at the end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NoReturn

from app.catalogue.rules import SOON, Calendar, Condition, Limit, deadline
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence
from app.workflow.engine import Flow, Move, State

Answers = Mapping[str, Any]
SETTLE = Limit(1, "wd")
"""What verifying and closing may take after the handling limit, for the total limit of a case
(总时限).  The standards leave it to the city; one working day is proposed (ADR 0006)."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules may know about a case."""

    state: str
    cell: str
    kind: str = ""
    number: str | None = None
    department: str | None = None
    reporter_id: int | None = None
    inspector_id: int | None = None
    passed: bool | None = None
    rework_count: int = 0
    due_at: datetime | None = None
    condition: Condition | None = None
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    twin: str | None = None
    calendar: Calendar = field(default_factory=Calendar)


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

    def change(self, **changes: Any) -> "Decision":
        """Return this decision with ``changes`` added."""
        return replace(self, changes={**self.changes, **changes})


@dataclass(frozen=True, slots=True)
class Situation:
    """What an effect may look at: the facts, the state entered, who acts, and when (city time)."""

    case: Facts
    target: State
    actor: Actor
    at: datetime


def decide(
    flow: Flow, case: Facts, action: str, actor: Actor, answers: Answers, at: datetime
) -> Decision:
    """Return what ``action`` does to ``case``, or raise the reason it may not be done."""
    move = flow.move(case.state, action)
    actor.require(move.permission, at=case.cell)
    for name in move.guards:
        if reason := GUARDS[name](case, actor, answers):
            raise Refused(reason, case=case.number, guard=name, twin=case.twin)
    target = flow.states[move.target]
    decision = Decision(action, case.state, target.name, target.stage, answers, case.due_at, {})
    for name in move.effects:
        decision = EFFECTS[name](decision, Situation(case, target, actor, at))
    return decision


def check_answers(move: Move, answers: Answers, options: Mapping[str, set[str]]) -> dict[str, Any]:
    """Return what ``answers`` says to the fields ``move`` asks for, or raise naming the wrong one.

    ``options`` holds the values each choice may take.  What was not asked is left out.
    """
    clean: dict[str, Any] = {}
    for ask in move.asks:
        value = READERS[ask.type](ask.name, answers.get(ask.name))
        if value is None or value == ():
            if ask.required:
                _wrong(ask.name, sentence("“%(field)s” is missing."))
            continue
        if ask.type == "choice" and value not in options.get(ask.name, set()):
            _wrong(ask.name, sentence("“%(value)s” is not one of the choices."), value=value)
        clean[ask.name] = value
    return clean


def _wrong(name: str, message: str, **facts: object) -> NoReturn:
    raise Refused(message, field=name, **facts).about(name)


def _text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, bool | list | dict | float):
        return None if value is None else _wrong(name, sentence("“%(field)s” must be a text."))
    found = str(value).strip()
    if len(found) > 4_000:
        _wrong(name, sentence("“%(field)s” is longer than %(most)s characters."), most=4_000)
    return found or None


def _truth(name: str, value: Any) -> bool | None:
    spoken = {True: True, False: False, "true": True, "false": False, None: None, "": None}
    if isinstance(value, list | dict) or value not in spoken:
        _wrong(name, sentence("“%(field)s” must be true or false."))
    return spoken[value]


def _photos(name: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value) or len(value) > 20:
        _wrong(name, sentence("“%(field)s” must be a list of at most %(most)s."), most=20)
    return tuple(dict.fromkeys(value))


READERS: dict[str, Callable[[str, Any], Any]] = {
    "text": _text,
    "longtext": _text,
    "choice": _text,
    "bool": _truth,
    "photos": _photos,
}


def number_of(kind: str, day: date, serial: int) -> str:
    """Return a case number: kind with its letter, day, serial of the day (standards §5.5).

    >>> number_of("E0102", date(2026, 11, 22), 17)
    'E0102202611220017'
    """
    return f"{kind}{day:%Y%m%d}{serial:04d}"


def clock(limit: Limit, at: datetime, calendar: Calendar) -> dict[str, Any]:
    """Return the columns of a clock that starts at ``at``: limit, yellow lamp, deadline."""
    return {
        "clock_at": at,
        "clock_limit": limit.value,
        "clock_unit": limit.unit,
        "amber_at": deadline(at, limit.share(SOON), calendar).due,
        "due_at": deadline(at, limit, calendar).due,
        "overdue_marked_at": None,
    }


def lamp(at: datetime, amber_at: datetime | None, due_at: datetime | None) -> str:
    """Return how a clock stands: none, normal, soon (from 80 % of the limit), overdue."""
    if due_at is None or amber_at is None:
        return "none"
    return "overdue" if at > due_at else "soon" if at >= amber_at else "normal"


def limit_of(state: State, condition: Condition | None) -> Limit:
    """Return how long a case may wait in ``state``, or raise ``Refused`` if nothing says."""
    if isinstance(state.limit, Mapping):
        return Limit(float(state.limit["value"]), state.limit["unit"])
    if condition is None:
        raise Refused(sentence("The case has no filing condition, so it has no handling limit."))
    return condition.limit


def _has_place(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return None if case.cell else sentence("Place the case on the map first.")


def _meets_condition(case: Facts, actor: Actor, answers: Answers) -> str | None:
    known = str(answers.get("condition")) in case.conditions
    return None if known else sentence("Choose a filing condition of this kind.")


def _not_duplicate(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return case.twin and sentence("Case %(twin)s about the same part is still open.")


def _names_department(case: Facts, actor: Actor, answers: Answers) -> str | None:
    named = answers.get("department")
    return None if named else sentence("Choose the department that is to handle it.")


def _own_case(case: Facts, actor: Actor, answers: Answers) -> str | None:
    held = case.department is not None and case.department == actor.department
    return None if held else sentence("Your department does not hold this case.")


def _own_task(case: Facts, actor: Actor, answers: Answers) -> str | None:
    mine = case.inspector_id is not None and case.inspector_id == actor.person_id
    return None if mine else sentence("This task was given to another inspector.")


def _not_same_inspector(case: Facts, actor: Actor, answers: Answers) -> str | None:
    same = str(case.reporter_id) == answers.get("inspector")
    return sentence("Whoever reported the case may not check it. Choose another.") if same else None


def _has_photo(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return None if answers.get("photos") else sentence("Add at least one photo of the result.")


def _verification_passed(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return None if case.passed else sentence("Verification failed: send it back for rework.")


def _verification_failed(case: Facts, actor: Actor, answers: Answers) -> str | None:
    return sentence("Verification passed: there is nothing to rework.") if case.passed else None


def _start_clock(decision: Decision, now: Situation) -> Decision:
    chosen = decision.changes.get("condition") or now.case.condition
    limit = limit_of(now.target, chosen)
    started = clock(limit, now.at, now.case.calendar)
    if now.target.limit == "condition":
        settled = deadline(started["due_at"], SETTLE, now.case.calendar).due
        started |= {"handle_due_at": started["due_at"], "close_due_at": settled}
    return decision.change(**started)


def _stop_clock(decision: Decision, now: Situation) -> Decision:
    names = ("clock_at", "clock_limit", "clock_unit", "amber_at", "due_at")
    return decision.change(**dict.fromkeys(names))


def _give_task(decision: Decision, now: Situation) -> Decision:
    return decision.change(inspector_id=int(decision.answers["inspector"]))


def _end_task(decision: Decision, now: Situation) -> Decision:
    return decision.change(inspector_id=None)


def _take_kind(decision: Decision, now: Situation) -> Decision:
    return decision.change(kind=decision.answers.get("kind") or now.case.kind)


def _take_condition(decision: Decision, now: Situation) -> Decision:
    return decision.change(condition_id=int(decision.answers["condition"]))


def _number_case(decision: Decision, now: Situation) -> Decision:
    return replace(decision.change(filed_at=now.at), needs_number=now.case.number is None)


def _hand_over(decision: Decision, now: Situation) -> Decision:
    return decision.change(department=decision.answers["department"], dispatched_at=now.at)


def _end_handling(decision: Decision, now: Situation) -> Decision:
    return decision.change(handled_at=now.at)


def _keep_verdict(decision: Decision, now: Situation) -> Decision:
    return decision.change(passed=decision.answers["passed"])


def _count_rework(decision: Decision, now: Situation) -> Decision:
    again = now.case.rework_count + 1
    return decision.change(rework_count=again, passed=None, handled_at=None)


def _freeze(decision: Decision, now: Situation) -> Decision:
    return decision.change(closed_at=now.at)


GUARDS: dict[str, Callable[[Facts, Actor, Answers], str | None]] = {
    "has_place": _has_place,
    "meets_condition": _meets_condition,
    "not_duplicate": _not_duplicate,
    "names_department": _names_department,
    "own_case": _own_case,
    "own_task": _own_task,
    "not_same_inspector": _not_same_inspector,
    "has_photo": _has_photo,
    "verification_passed": _verification_passed,
    "verification_failed": _verification_failed,
}
EFFECTS: dict[str, Callable[[Decision, Situation], Decision]] = {
    "start_clock": _start_clock,
    "stop_clock": _stop_clock,
    "give_task": _give_task,
    "end_task": _end_task,
    "take_kind": _take_kind,
    "take_condition": _take_condition,
    "number_case": _number_case,
    "hand_over": _hand_over,
    "end_handling": _end_handling,
    "keep_verdict": _keep_verdict,
    "count_rework": _count_rework,
    "freeze": _freeze,
}
FIELDS = {
    "inspector",
    "result",
    "photos",
    "kind",
    "reason",
    "condition",
    "department",
    "note",
    "passed",
}
