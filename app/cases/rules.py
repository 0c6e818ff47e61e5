"""What happens to a case when somebody acts on it.

Pure: facts in, decision out.  Guards and effects are looked up by the names an
administrator puts in the flow table; the vocabulary is ``GUARDS``, ``EFFECTS`` and ``FIELDS``.
"""

from dataclasses import replace
from datetime import date, datetime
from string import Formatter

from app.cases.answers import check_answers
from app.cases.clocks import clock, lamp, limit_of
from app.cases.effects import EFFECTS, lapse
from app.cases.facts import Answers, Decision, Facts, Situation
from app.cases.guards import BY_ANSWERS, GUARDS
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence
from app.workflow.engine import Flow, Move

__all__ = [
    "EFFECTS",
    "FIELDS",
    "GUARDS",
    "PATTERN",
    "SYSTEM",
    "Decision",
    "Facts",
    "check_answers",
    "check_pattern",
    "clock",
    "decide",
    "lamp",
    "limit_of",
    "number_of",
    "offers",
]
SYSTEM = Actor(0, "system", frozenset({"system"}))
"""Who acts when nobody does: a suspension that ends, a parent whose parts are all done."""
PATTERN = "{kind}{day}{serial:04d}"
"""How a case number is written unless the city says otherwise (standards §5.5, proposed)."""
DAY = date(2026, 1, 1)
FIELDS = {
    *("inspector", "found", "result", "photos", "kind", "reason", "condition", "department"),
    *("departments", "note", "passed", "into", "until"),
}


def decide(
    flow: Flow, case: Facts, action: str, actor: Actor, answers: Answers, at: datetime
) -> Decision:
    """Return what ``action`` does to ``case``, or raise the reason it may not be done."""
    move = flow.move(case.state, action)
    actor.require(move.permission, at=case.cell)
    case = replace(case, at=at, about=move.request)
    for name in move.guards:
        if reason := GUARDS[name](case, actor, answers):
            raise Refused(reason, case=case.number, guard=name, twin=case.twin)
    target = flow.states[move.target]
    decision = Decision(action, case.state, target.name, target.stage, answers, case.due_at, {})
    for name in move.effects:
        decision = EFFECTS[name](decision, Situation(case, target, actor, at, flow))
    return lapse(flow, decision, case.request)


def offers(move: Move, case: Facts, actor: Actor) -> bool:
    """Say whether ``move`` may be offered: no guard refuses that needs no answers."""
    if move.request != case.about:
        case = replace(case, about=move.request)
    known = (name for name in move.guards if name not in BY_ANSWERS)
    return not any(GUARDS[name](case, actor, {}) for name in known)


def check_pattern(pattern: str) -> str:
    """Return ``pattern`` if case numbers can be written by it, or raise ``Refused``.

    The serial counts the cases of a kind and a day, so a number must tell all three.
    """
    try:
        named = {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}
        fits = (
            named == {"kind", "day", "serial"} and len(number_of("E01001", DAY, 1, pattern)) <= 40
        )
    except (ValueError, KeyError, IndexError):
        fits = False
    if not fits:
        raise Refused(
            sentence("Write the pattern like %(pattern)s: kind, day and serial once each."),
            pattern=PATTERN,
        ).about("pattern")
    return pattern


def number_of(kind: str, day: date, serial: int, pattern: str = PATTERN) -> str:
    """Return a case number: kind with its letter, day, serial of the day (standards §5.5).

    >>> number_of("E0102", date(2026, 11, 22), 17)
    'E0102202611220017'
    """
    return pattern.format(kind=kind, day=f"{day:%Y%m%d}", serial=serial)
