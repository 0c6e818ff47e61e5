"""Writing the command handbook."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalogue import queries
from app.catalogue.forms import HoursForm, LimitForm
from app.catalogue.rules import GRADES
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
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
CONDITION = text("SELECT * FROM conditions WHERE id = :id FOR UPDATE")
REPLACED = text("SELECT EXISTS (SELECT FROM conditions WHERE replaces = :id)")
END_CONDITION = text("UPDATE conditions SET effective_to = :since WHERE id = :id")
NEW_CONDITION = text(
    'INSERT INTO conditions (kind, position, text, "limit", unit, closing, area_grade, basis,'
    " effective_from, effective_to, replaces)"
    " SELECT kind, position, text, :limit, :unit, closing, :grade, 'city', :since,"
    " :until, :replaces FROM conditions WHERE id = :id RETURNING id"
)
OWN_ROW = text(
    "SELECT o.id FROM conditions o JOIN conditions c ON c.id = :id AND c.kind = o.kind"
    " AND c.text = o.text WHERE o.area_grade = :grade AND (o.effective_to IS NULL"
    "  OR o.effective_to > :since) ORDER BY o.effective_from DESC LIMIT 1"
)
NO_SPANS = text("DELETE FROM calendar_spans WHERE calendar = :calendar AND effective_from = :since")
SPAN = text(
    "INSERT INTO calendar_spans (calendar, effective_from, opens, closes)"
    " VALUES (:calendar, :since, :opens, :closes)"
)
SET_WEEK = text(
    "INSERT INTO calendar_weeks (calendar, effective_from, weekdays)"
    " VALUES (:calendar, :since, :weekdays)"
    " ON CONFLICT (calendar, effective_from) DO UPDATE SET weekdays = excluded.weekdays"
)
NO_DAY = text("DELETE FROM calendar_days WHERE calendar = :calendar AND day = :day")
ASSIGN = text(
    "INSERT INTO calendar_assignments (whose, code, effective_from, calendar)"
    " VALUES (:whose, :code, :since, :calendar) ON CONFLICT (whose, code, effective_from)"
    " DO UPDATE SET calendar = excluded.calendar"
)
HOLDER = {
    "department": text("SELECT EXISTS (SELECT FROM departments WHERE code = :code)"),
    "post": text("SELECT EXISTS (SELECT FROM posts WHERE code = :code)"),
}
SET_SHARE = text(
    "INSERT INTO grade_shares (grade, effective_from, share) VALUES (:grade, :since, :share)"
    " ON CONFLICT (grade, effective_from) DO UPDATE SET share = excluded.share"
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


def change_limit(session: Session, actor: Actor, condition: int, form: LimitForm) -> dict[str, int]:
    """Give a filing condition another limit from a day on, and return the number of the new row.

    The old row ends that day and keeps what was filed by it.  With a grade, cases in areas of
    that grade get a limit of their own beside the value for all.
    """
    actor.require_whole_city()
    row = session.execute(CONDITION, {"id": condition}).first()
    if row is None:
        raise NotFound(sentence("There is no filing condition %(id)s."), id=condition)
    if form.grade and row.area_grade != form.grade:
        return _own_limit(session, actor, condition, form)
    if row.effective_to is not None or session.execute(REPLACED, {"id": condition}).scalar_one():
        raise Conflict(sentence("This condition was changed already. Change the newest one."))
    if form.since < row.effective_from:
        raise Refused(
            sentence("It holds only since %(since)s: choose that day or a later one."),
            since=row.effective_from,
        ).about("effective_from")
    session.execute(END_CONDITION, {"id": condition, "since": form.since})
    return _store_limit(session, actor, condition, form, row.area_grade, replaces=condition)


def _own_limit(session: Session, actor: Actor, condition: int, form: LimitForm) -> dict[str, int]:
    """Add a row for one grade beside the row for all, or change the one there is."""
    told = {"id": condition, "grade": form.grade, "since": form.since}
    own = session.execute(OWN_ROW, told).scalar()
    if own is not None:
        return change_limit(session, actor, own, form)
    return _store_limit(session, actor, condition, form, form.grade, replaces=None)


def _store_limit(
    session: Session,
    actor: Actor,
    condition: int,
    form: LimitForm,
    grade: str,
    *,
    replaces: int | None,
) -> dict[str, int]:
    limit = form.limit
    told = {"id": condition, "limit": limit.value, "unit": limit.unit, "grade": grade}
    told |= {"since": form.since, "until": None, "replaces": replaces}
    new: int = session.execute(NEW_CONDITION, told).scalar_one()
    what = f"{condition} {grade} {limit.value:g} {limit.unit} {form.since}"
    audit.note(session, actor, "condition.limit", what)
    return {"id": new}


def set_shares(
    session: Session, actor: Actor, since: date, shares: dict[str, float], *, today: date
) -> dict[str, Any]:
    """Set what the limits of each grade are of the one value of the city, from a day on.

    Never backwards: cases that were filed keep the limit they were promised.
    """
    actor.require_whole_city()
    if since < today:
        raise Refused(sentence("Shares hold from today on or later.")).about("effective_from")
    for grade in GRADES:
        told = {"grade": grade, "since": since, "share": shares[grade]}
        session.execute(SET_SHARE, told)
    audit.note(session, actor, "grades.share", f"{since} {shares}")
    return {"effective_from": since, "shares": shares}


def set_hours(session: Session, actor: Actor, form: HoursForm) -> dict[str, Any]:
    """Give a calendar, new or not, opening spans and weekdays from a day on."""
    actor.require_whole_city()
    told = {"calendar": form.calendar, "since": form.since}
    session.execute(NEW_CALENDAR, {"name": form.calendar})
    session.execute(NO_SPANS, told)
    spans = [told | {"opens": opens, "closes": closes} for opens, closes in form.spans]
    session.execute(SPAN, spans)
    session.execute(SET_WEEK, told | {"weekdays": form.weekdays})
    audit.note(session, actor, "calendar.hours", f"{form.calendar} {form.since}")
    return {"calendar": form.calendar, "effective_from": form.since}


def set_day(
    session: Session, actor: Actor, calendar: str, day: date, *, working: bool | None, name: str
) -> dict[str, Any]:
    """Make a day of a calendar a day off or a make-up day, or (None) as its week says."""
    actor.require_whole_city()
    queries.handbook(session).calendar(calendar)
    told = {"calendar": calendar, "day": day, "working": working, "name": name}
    session.execute(NO_DAY if working is None else SET_DAY, told)
    audit.note(session, actor, "calendar.day", f"{calendar} {day} {working}")
    return {"calendar": calendar, "day": day, "working": working}


def assign(
    session: Session, actor: Actor, *, whose: str, code: str, calendar: str | None, since: date
) -> dict[str, Any]:
    """Have a department or a post work by a calendar from a day on; None is the city's own."""
    actor.require_whole_city()
    if whose not in HOLDER:
        raise Refused(sentence("“whose” must be department or post.")).about("whose")
    if not session.execute(HOLDER[whose], {"code": code}).scalar_one():
        raise Refused(sentence("There is no “%(code)s” to give a calendar to."), code=code).about(
            "code"
        )
    if calendar is not None:
        queries.handbook(session).calendar(calendar)
    told = {"whose": whose, "code": code, "calendar": calendar, "since": since}
    session.execute(ASSIGN, told)
    audit.note(session, actor, "calendar.assign", f"{whose} {code} {calendar or '-'} {since}")
    return told
