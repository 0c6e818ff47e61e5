"""Writing the command handbook."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from grid_codes.holidays import DayOff

NEW_CALENDAR = text("INSERT INTO calendars (name) VALUES (:name) ON CONFLICT DO NOTHING")
NEW_SPANS = text(
    "INSERT INTO calendar_spans (calendar, effective_from, opens, closes)"
    " SELECT :name, '2000-01-01', s.opens, s.closes"
    " FROM (VALUES (time '08:00', time '12:00'), (time '14:00', time '18:00')) s (opens, closes)"
    " WHERE NOT EXISTS (SELECT FROM calendar_spans WHERE calendar = :name)"
)
SET_DAY = text(
    "INSERT INTO calendar_days (calendar, day, working, name)"
    " VALUES (:calendar, :day, :working, :name)"
    " ON CONFLICT (calendar, day) DO UPDATE SET working = excluded.working, name = excluded.name"
)


def import_days(session: Session, calendar: str, days: Iterable[DayOff]) -> int:
    """Store days off and make-up days in ``calendar`` and return how many.

    The calendar is created when new, with 08:00–12:00 and 14:00–18:00 on working days.
    """
    session.execute(NEW_CALENDAR, {"name": calendar})
    session.execute(NEW_SPANS, {"name": calendar})
    rows: list[dict[str, Any]] = [
        {"calendar": calendar, "day": d.day, "working": not d.is_off, "name": d.name} for d in days
    ]
    if rows:
        session.execute(SET_DAY, rows)
    return len(rows)
