"""“Why this deadline”: the way from a start to a due time, as sentences.

Pure: each line is a sentence of the catalogue with its facts; whoever shows it translates it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.catalogue.routing import Said
from app.catalogue.rules import (
    CONTINUOUS,
    UNIT_NAMES,
    Calendar,
    Condition,
    Deadline,
)
from app.kernel.errors import sentence

SHOWN = 6
SLACK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What else is known of a clock: where its limit comes from, and what happened to it."""

    condition: Condition | None = None
    grade: str = ""
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()
    extensions: int = 0
    left: bool = False
    """The limit is what was left of another one when its clock was stopped."""
    stored: datetime | None = None


def why(found: Deadline, calendar: Calendar, told: Told = Told()) -> tuple[Said, ...]:
    """Return how one gets from the start of ``found`` to its due time, a sentence a line.

    ``told.stored`` is the deadline that the case was given; if the calendar has changed since,
    the last line says that it is another one.
    """
    lines = [*_limit(found, told), *_walk(found, calendar), *_days(found, calendar)]
    lines += [*_happened(told), _due(found), *_older(found, told)]
    return tuple(lines)


def _limit(found: Deadline, told: Told) -> Iterable[Said]:
    facts: dict[str, object] = {
        "value": f"{found.limit.value:g}",
        "unit": UNIT_NAMES[found.limit.unit],
    }
    if told.condition is None:
        yield Said(sentence("The limit is %(value)s %(unit)s."), facts)
        return
    facts |= {"condition": told.condition.text, "grade": told.grade or "B"}
    yield Said(
        sentence(
            "The limit is %(value)s %(unit)s: filing condition “%(condition)s”, area grade"
            " %(grade)s."
        ),
        facts,
    )


def _walk(found: Deadline, calendar: Calendar) -> Iterable[Said]:
    start = f"{found.start:%Y-%m-%d %H:%M}"
    if found.limit.unit in CONTINUOUS:
        yield Said(sentence("It runs day and night from %(start)s on."), {"start": start})
        return
    yield Said(
        sentence(
            "It starts at %(start)s and runs in the opening hours of calendar “%(calendar)s”."
        ),
        {"start": start, "calendar": calendar.name},
    )
    shown = found.stretches
    left_out = len(shown) - SHOWN
    for n, (begin, end) in enumerate(shown):
        if left_out > 0 and n == SHOWN - 2:
            yield Said(sentence("… and %(count)s stretches more …"), {"count": left_out})
        if left_out <= 0 or n < SHOWN - 2 or n >= len(shown) - 2:
            yield _stretch(begin, end)


def _stretch(begin: datetime, end: datetime) -> Said:
    minutes = round((end - begin).total_seconds() / 60)
    facts: dict[str, object] = {
        "begin": f"{begin:%Y-%m-%d %H:%M}",
        "end": f"{end:%H:%M}",
        "hours": minutes // 60,
        "minutes": minutes % 60,
    }
    return Said(sentence("%(begin)s to %(end)s: %(hours)s h %(minutes)s min"), facts)


def _days(found: Deadline, calendar: Calendar) -> Iterable[Said]:
    """Say which named days off were skipped and which make-up days were worked, by name."""
    if found.limit.unit in CONTINUOUS:
        return
    first, last = found.start.date(), found.due.date()
    off = {d: n for d, n in calendar.closed.items() if first <= d <= last}
    off = {d: n for d, n in off.items() if d.weekday() in calendar.week(d)}
    on = {d: n for d, n in calendar.opened.items() if first <= d <= last}
    for name, days in _by_name(off).items():
        yield Said(sentence("Not counted, day off: %(days)s (%(name)s)"), _named(name, days))
    for name, days in _by_name(on).items():
        yield Said(
            sentence("Counted, make-up working day: %(days)s (%(name)s)"), _named(name, days)
        )
    if last.year not in calendar.announced and calendar.announced:
        said = sentence("The holidays of %(year)s are not announced: weekdays assumed.")
        yield Said(said, {"year": last.year})


def _by_name(days: dict[date, str]) -> dict[str, list[date]]:
    found: dict[str, list[date]] = {}
    for day in sorted(days):
        found.setdefault(days[day], []).append(day)
    return found


def _named(name: str, days: list[date]) -> dict[str, object]:
    return {"name": name, "days": ", ".join(f"{day:%m-%d}" for day in days)}


def _happened(told: Told) -> Iterable[Said]:
    for begin, end in told.pauses:
        said = sentence("It was stopped from %(begin)s to %(end)s: that time is not counted.")
        if end is None:
            said = sentence("It has been stopped since %(begin)s.")
        facts = {"begin": f"{begin:%Y-%m-%d %H:%M}", "end": end and f"{end:%Y-%m-%d %H:%M}"}
        yield Said(said, facts)
    if told.left:
        yield Said(sentence("That is what was left when the clock was stopped before."))
    if told.extensions:
        said = sentence("It was extended %(count)s times, each time by one whole limit.")
        yield Said(said, {"count": told.extensions})


def _due(found: Deadline) -> Said:
    return Said(sentence("So it is due at %(due)s."), {"due": f"{found.due:%Y-%m-%d %H:%M}"})


def _older(found: Deadline, told: Told) -> Iterable[Said]:
    if told.stored is None or abs(told.stored - found.due) <= SLACK:
        return
    said = sentence(
        "The case keeps %(stored)s, which was computed under an older calendar or limit."
    )
    yield Said(said, {"stored": f"{told.stored:%Y-%m-%d %H:%M}"})
