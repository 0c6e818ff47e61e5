"""Who may press whom, how often, and how long an order gives; pure."""

from datetime import datetime, timedelta
from typing import Any

from app.catalogue.rules import SOON, Calendar, Limit, deadline
from app.kernel.errors import Conflict, Forbidden, Refused, sentence

BETWEEN_URGES = timedelta(minutes=30)
"""So long one person leaves a case alone after urging it."""
MOST_WEIGHT = 10.0


def check_urge(*, closed: bool, last: datetime | None, at: datetime) -> None:
    """Raise ``Refused`` if a case that was urged by the same person ``last`` may not be now."""
    if closed:
        raise Refused(sentence("The case is closed: there is nobody left to press."))
    if last is not None and at - last < BETWEEN_URGES:
        wait = int((BETWEEN_URGES - (at - last)).total_seconds() // 60) + 1
        raise Refused(
            sentence("You urged this case a moment ago. Urge again in %(minutes)s minutes."),
            minutes=wait,
        )


def check_order(*, closed: bool, department: str | None, weight: float) -> None:
    """Raise ``Refused`` if a supervision order makes no sense for the case, or weighs too much."""
    if closed:
        raise Refused(sentence("The case is closed: there is nobody left to press."))
    if department is None:
        raise Refused(sentence("No department holds the case yet. Dispatch it first, or urge."))
    if not 0 <= weight <= MOST_WEIGHT:
        raise Refused(
            sentence("The weight must be a number from 0 to %(most)s."), most=f"{MOST_WEIGHT:g}"
        ).about("weight")


def clock(at: datetime, limit: Limit, calendar: Calendar) -> dict[str, datetime]:
    """Return the columns of an order's own clock, begun at ``at`` (city time)."""
    return {
        "clock_at": at,
        "amber_at": deadline(at, limit.share(SOON), calendar).due,
        "due_at": deadline(at, limit, calendar).due,
    }


def check_answer(state: str, holder: str | None, department: str | None) -> None:
    """Raise unless the department that holds the case answers an order that is open."""
    if department is None or department != holder:
        raise Forbidden(sentence("Only the department that holds the case answers this order."))
    if state != "open":
        raise Conflict(sentence("This order does not wait for an answer. Read the case again."))


def check_decision(state: str, giver: int, decider: Any) -> None:
    """Raise unless an answered order is judged by who gave it, or by another who may give one."""
    if state != "answered":
        raise Conflict(sentence("There is no answer to judge yet. Read the case again."))
    if giver != decider.person_id and decider.post not in {"leader", "commander"}:
        raise Forbidden(sentence("Only who gave the order, or a leader, judges its answer."))
