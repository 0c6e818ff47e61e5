"""Whether next year's holidays are announced, and what to say of it.

Pure.  The State Council announces a year in October or November of the one before; from December
on a calendar without it gives wrong deadlines very soon.
"""

from dataclasses import dataclass
from datetime import date

from app.catalogue.routing import Said
from app.catalogue.rules import Calendar
from app.kernel.errors import sentence

LOUD_FROM = 12
"""The month from which a year that is not announced is a warning."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What is known of next year in a calendar, and whether it is time to worry."""

    calendar: str
    year: int
    known: bool
    loud: bool
    said: Said


def next_year(calendar: Calendar, today: date) -> Announced | None:
    """Return what to say of next year's holidays; None of a calendar that knows no holidays.

    A service that works on all days of the year needs none.
    """
    if not calendar.announced and len(calendar.week(today)) == 7:
        return None
    year = today.year + 1
    known, loud = year in calendar.announced, today.month >= LOUD_FROM
    message = sentence("The holidays of %(year)s are announced in calendar “%(calendar)s”.")
    if not known and loud:
        message = sentence(
            "WARNING: the holidays of %(year)s are not announced in calendar “%(calendar)s”:"
            " deadlines beyond the turn of the year will be wrong. Import them now."
        )
    elif not known:
        message = sentence(
            "The holidays of %(year)s are not announced yet in calendar “%(calendar)s”: weekdays"
            " are assumed. Import them as soon as they are."
        )
    facts: dict[str, object] = {"year": year, "calendar": calendar.name}
    return Announced(calendar.name, year, known, loud and not known, Said(message, facts))
