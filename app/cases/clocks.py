"""How a case's clock starts, stops, is held and goes on.

Pure.  A clock is four columns (since when, how much of which unit) from which the yellow lamp and
the deadline follow; whoever reads them later can walk the same way and say why.  The handling
limit is kept a second time (``handle_from``, ``handle_limit``), because the desk's own short
clocks run while a result is looked at and the handling clock may have to go on where it was.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.cases.facts import Decision, Facts, Situation
from app.catalogue.rules import SOON, Calendar, Condition, Limit, deadline, worked
from app.kernel.errors import Refused, sentence
from app.workflow.engine import State

SETTLE = Limit(1, "wd")
"""What verifying and closing may take after the handling limit, for the total limit of a case
(总时限).  The standards leave it to the city; one working day is proposed (ADR 0006)."""
LEAST = 0.01
"""What is given to a clock that goes on with nothing left: it is due at once."""
NONE = ("clock_at", "clock_limit", "clock_unit", "amber_at", "due_at")
UNHANDLED = ("handle_from", "handle_limit", "handle_due_at", "close_due_at")


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


def handling(limit: Limit, at: datetime, calendar: Calendar) -> dict[str, Any]:
    """Return the columns of a handling clock, with the deadlines that evaluation counts by."""
    started = clock(limit, at, calendar)
    due = started["due_at"]
    return started | {
        "handle_from": at,
        "handle_limit": limit.value,
        "handle_due_at": due,
        "close_due_at": deadline(due, SETTLE, calendar).due,
    }


def none() -> dict[str, Any]:
    """Return the columns of a case for which no clock runs."""
    return dict.fromkeys(NONE)


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


def left(case: Facts, at: datetime) -> float:
    """Return what is left of the running clock at ``at``, in its unit; less than 0 if overdue."""
    if case.clock_at is None or case.clock_limit is None or case.clock_unit is None:
        return 0.0
    gone = worked(case.clock_at, at, case.clock_unit, case.days_of_clock())
    return case.clock_limit - gone


def _start(decision: Decision, now: Situation) -> Decision:
    """Start the clock of the state entered; the handling limit goes on for who had begun it."""
    chosen = decision.changes.get("condition") or now.case.condition
    limit = limit_of(now.target, chosen)
    if now.target.limit != "condition":
        days = now.case.stages.get(now.target.stage, now.case.calendar)
        return decision.change(**clock(limit, now.at, days))
    department = now.department(decision)
    if now.case.left_value is not None and now.case.left_for == department:
        limit = Limit(max(now.case.left_value, LEAST), limit.unit)
    started = handling(limit, now.at, now.case.days(department))
    return decision.change(**started, left_value=None, left_for=None)


def _stop(decision: Decision, now: Situation) -> Decision:
    return decision.change(**none())


def _hold(decision: Decision, now: Situation) -> Decision:
    """Stop the handling clock and keep what is left of it for the department that holds it.

    A case without a deadline is never due, so a hold cannot turn overdue (standards §6.2).
    """
    kept = {"left_value": left(now.case, now.at), "left_for": now.case.department}
    return decision.change(**none(), **dict.fromkeys(UNHANDLED), **kept)


def _extend(decision: Decision, now: Situation) -> Decision:
    """Add one original limit to the running one (standards §5.3)."""
    case = now.case
    if case.condition is None or case.clock_at is None or case.clock_limit is None:
        raise Refused(sentence("The case has no filing condition, so it has no handling limit."))
    longer = Limit(case.clock_limit + case.condition.limit.value, case.condition.limit.unit)
    extended = handling(longer, case.clock_at, case.days_of_clock())
    return decision.change(**extended, extensions=case.extensions + 1)


def _restore(decision: Decision, now: Situation) -> Decision:
    """Let the handling clock go on as if it had never been reported done."""
    case = now.case
    if case.handle_from is None or case.handle_limit is None or case.condition is None:
        return _start(decision, now)
    limit = Limit(case.handle_limit, case.condition.limit.unit)
    running = handling(limit, case.handle_from, case.days_of_clock())
    return decision.change(**running, handled_at=None)


EFFECTS = {
    "start_clock": _start,
    "stop_clock": _stop,
    "hold_clock": _hold,
    "extend_clock": _extend,
    "restore_clock": _restore,
}
