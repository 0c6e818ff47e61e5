"""Who is told of what, and when a message may go out; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from app.catalogue.rules import Calendar, Limit, deadline
from app.kernel.errors import Refused, sentence

MOST_TRIES = 10
"""After so many failures a message is given up (dead letter) and shown to the administrator."""
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Telling:
    """A row of the table: after ``action``, ``whom`` is told ``words``.

    ``whom`` is department (who was given the case), inspector (who was sent), helper (departments
    just asked to help), holder (who must act next in the state the case is in), decider (who must
    agree next to the request that waits) or former (who took the last step that ``former`` begins).
    ``outside`` are the channels it may leave the application by, if the reader wants them.
    """

    action: str
    whom: str
    kind: str
    words: str
    former: str = ""
    outside: tuple[str, ...] = ("email",)


URGENT = ("email", "sms")
REQUESTS = ("return", "extend", "suspend", "void", "force_close", "reopen", "appeal")
"""What the shipped flow lets people ask for."""
TELLINGS = (
    Telling("dispatch", "department", "dispatched",
            sentence("Dispatched to you: %(name)s, %(number)s. %(place)s")),
    Telling("ask_confirm", "inspector", "task",
            sentence("Please confirm on site: %(name)s, %(number)s. %(place)s"), outside=URGENT),
    Telling("ask_verify", "inspector", "task",
            sentence("Please verify on site: %(name)s, %(number)s. %(place)s"), outside=URGENT),
    Telling("rework", "department", "rework",
            sentence("Not good enough, handle it again: %(name)s, %(number)s. %(place)s")),
    Telling("send_back", "department", "rework",
            sentence("Not good enough, handle it again: %(name)s, %(number)s. %(place)s")),
    Telling("urge", "holder", "urge",
            sentence("Urged: %(name)s, %(number)s. %(words)s"), outside=URGENT),
    Telling("instruct", "department", "order",
            sentence("Supervision order: %(name)s, %(number)s. %(words)s"), outside=URGENT),
    Telling("repeat_order", "department", "order",
            sentence("Supervision order given again: %(name)s, %(number)s. %(words)s"),
            outside=URGENT),
    Telling("answer_order", "former", "answer",
            sentence("Your supervision order is answered: %(name)s, %(number)s. %(words)s"),
            former="instruct"),
    Telling("end_order", "department", "answer",
            sentence("The supervision order is ended: %(name)s, %(number)s.")),
    Telling("ask_help", "helper", "dispatched",
            sentence("Your help is asked for: %(name)s, %(number)s. %(place)s")),
    *(Telling(f"{verb}_{kind}", "decider", "request",
              sentence("A request waits for a decision: %(name)s, %(number)s."))
      for kind in REQUESTS for verb in ("ask", "review")),
    *(Telling(kind, "former", "decided",
              sentence("Your request was granted: %(name)s, %(number)s."), former=f"ask_{kind}")
      for kind in REQUESTS),
    *(Telling(f"refuse_{kind}", "former", "decided",
              sentence("Your request was refused: %(name)s, %(number)s."), former=f"ask_{kind}")
      for kind in REQUESTS),
    Telling("#overdue", "holder", "overdue",
            sentence("Overdue: %(name)s, %(number)s. %(place)s"), outside=URGENT),
)  # fmt: skip
"""An action that ends in an underscore stands for all that begin so."""
ESCALATED = sentence("Escalated, rung %(rung)s: %(name)s, %(number)s. %(place)s")
DIGEST = sentence(
    "Today: %(waiting)s cases wait for you, %(late)s of them overdue; %(orders)s orders are open."
)
KINDS: dict[str, str] = {
    "dispatched": sentence("Dispatched"),
    "task": sentence("Task"),
    "rework": sentence("Rework"),
    "urge": sentence("Urge"),
    "order": sentence("Supervision order"),
    "answer": sentence("Order answered or ended"),
    "request": sentence("Request"),
    "decided": sentence("Decision"),
    "overdue": sentence("Overdue"),
    "escalation": sentence("Escalation"),
    "digest": sentence("Daily digest"),
    "bulletin": sentence("Monthly bulletin"),
}
OUTSIDE: tuple[tuple[str, str], ...] = (
    *sorted({(t.kind, channel) for t in TELLINGS for channel in t.outside}),
    ("digest", "email"),
)


def pause_after(tries: int) -> timedelta:
    """Return how long to wait after the ``tries``-th failure: 10 s, 20 s, 40 s … an hour.

    >>> str(pause_after(1)), str(pause_after(9))
    ('0:00:10', '0:42:40')
    """
    return min(LONGEST_PAUSE, timedelta(seconds=10 * 2 ** (tries - 1)))


def awake_at(at: datetime, quiet_from: time | None, quiet_to: time | None) -> datetime:
    """Return when a reader may be reached from ``at`` (city time) on; quiet may cross midnight.

    >>> night = datetime(2026, 11, 23, 23, 5)
    >>> str(awake_at(night, time(22), time(7)))
    '2026-11-24 07:00:00'
    """
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return at
    now, overnight = at.time(), quiet_from > quiet_to
    inside = now >= quiet_from or now < quiet_to if overnight else quiet_from <= now < quiet_to
    if not inside:
        return at
    day = at.date() + timedelta(days=1 if overnight and now >= quiet_from else 0)
    return datetime.combine(day, quiet_to, at.tzinfo)


def cutoff(at: datetime, after: Limit, calendar: Calendar) -> datetime:
    """Return the latest instant that lies at least ``after`` before ``at`` on the limit's clock.

    So one comparison finds all that has come due, whatever the calendar: a deadline never moves
    back when its start moves on.  To the second.
    """
    low, high = at - timedelta(days=1), at
    while deadline(low, after, calendar).due > at:
        low -= 2 * (at - low)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if deadline(middle, after, calendar).due <= at:
            low = middle
        else:
            high = middle
    return low


SUBJECTS = {"case": sentence("Case"), "order": sentence("Supervision order")}
SINCE = {"amber": sentence("after the yellow lamp"), "due": sentence("after the deadline")}
READERS = {
    "post": sentence("Everyone of a post"),
    "department": sentence("The department that holds it"),
    "person": sentence("One person"),
}
CHANNELS = {
    "app": sentence("In the application"),
    "email": sentence("E-mail"),
    "sms": sentence("Text message"),
}


def check_rung(rung: Mapping[str, object]) -> None:
    """Raise ``Refused`` naming the field of an escalation rule that is none of its choices."""
    choices = {"subject": SUBJECTS, "since": SINCE, "reader": READERS, "channel": CHANNELS}
    for name, known in choices.items():
        if rung[name] not in known:
            raise Refused(
                sentence("“%(field)s” must be one of: %(known)s."),
                field=name,
                known=", ".join(known),
            ).about(name)
    if rung["reader"] != "department" and not rung["who"]:
        raise Refused(sentence("Say which post, or which person, is told.")).about("who")
