"""Reading the command handbook, once per version."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.catalogue.routing import Route
from app.catalogue.rules import GRADES, WEEK, Assigned, Calendar, Condition, Handbook, Kind, Limit
from app.kernel import sql
from app.org import queries as org

VERSION = "SELECT n FROM versions WHERE name = 'catalogue'"
_kept: dict[int, Handbook] = {}
ROUTES = text(
    "SELECT id, kind, area, department, days, begins, ends,"
    " ARRAY(SELECT member FROM zone_members WHERE zone = area ORDER BY member) AS members"
    " FROM routes ORDER BY kind, area, id"
)
CONDITIONS = text(
    'SELECT kind, id, text, "limit", unit, closing, area_grade, effective_from, effective_to,'
    " replaces FROM conditions ORDER BY kind, position, id"
)
SPANS = text(
    "SELECT effective_from, opens, closes FROM calendar_spans"
    " WHERE calendar = :name ORDER BY effective_from, opens"
)
WEEKS = text(
    "SELECT effective_from, weekdays FROM calendar_weeks WHERE calendar = :name"
    " ORDER BY effective_from"
)
DAYS = text("SELECT day, working, name FROM calendar_days WHERE calendar = :name")
MEMBERS = text("SELECT member FROM zone_members WHERE zone = :zone ORDER BY member")
AREA_KNOWN = text(
    "SELECT EXISTS (SELECT FROM divisions WHERE code = :area)"
    " OR EXISTS (SELECT FROM zones WHERE code = :area)"
    " OR EXISTS (SELECT FROM cells WHERE code = :area)"
)
ASSIGNED = text(
    "SELECT code, effective_from, calendar FROM calendar_assignments WHERE whose = :whose"
    " ORDER BY code, effective_from"
)
SHARES = text("SELECT grade, effective_from, share FROM grade_shares ORDER BY effective_from")
BEATS = text("SELECT beat_id, kind, department FROM beat_departments ORDER BY beat_id, kind")


def handbook(session: Session, version: int | None = None) -> Handbook:
    """Return the handbook as it stands; it is read again only after somebody changed it.

    ``version`` is the present one if the caller knows it (``Actor.handbook``).
    """
    if version is None:
        row = sql.ask(session, VERSION, {}).first()
        version = row.n if row else 0
    found = _kept.get(version)
    if found is None:
        found = _read(session, version)
        _kept.clear()
        _kept[version] = found
    return found


def _read(session: Session, version: int) -> Handbook:
    return Handbook(
        kinds={row.id: Kind(**row._mapping) for row in _kinds(session)},
        conditions=_conditions(session),
        calendars={name: _calendar(session, name) for name in _names(session)},
        routes=tuple(
            Route(**{**row._mapping, "members": tuple(row.members)})
            for row in session.execute(ROUTES)
        ),
        departments=org.departments(session),
        version=version,
        shares=_shares(session),
        departments_by=_assigned(session, "department"),
        posts_by=_assigned(session, "post"),
        beats=tuple((r.beat_id, r.kind, r.department) for r in session.execute(BEATS)),
    )


def _assigned(session: Session, whose: str) -> dict[str, Assigned]:
    found: dict[str, list[tuple[date, str | None]]] = defaultdict(list)
    for row in session.execute(ASSIGNED, {"whose": whose}):
        found[row.code].append((row.effective_from, row.calendar))
    return {code: tuple(rows) for code, rows in found.items()}


def _shares(session: Session) -> tuple[tuple[date, dict[str, float]], ...]:
    """Return the shares of the grades as they stand from each date on that changes one."""
    present: dict[str, float] = {}
    found: dict[date, dict[str, float]] = {}
    for row in session.execute(SHARES):
        present = present | {row.grade: float(row.share)}
        found[row.effective_from] = present
    return tuple(found.items())


def _kinds(session: Session) -> Iterable[Row[Any]]:
    return session.execute(
        text(
            "SELECT id, family, code, name, name_en, big_code, big_name, pinyin, initials"
            " FROM kinds WHERE in_use ORDER BY id"
        )
    )


def _conditions(session: Session) -> dict[str, tuple[Condition, ...]]:
    """Return every condition there ever was: a case keeps the one that it was filed by."""
    found: dict[str, list[Condition]] = defaultdict(list)
    for row in session.execute(CONDITIONS):
        found[row.kind].append(
            Condition(
                row.id,
                row.text,
                Limit(float(row.limit), row.unit),
                row.closing,
                row.area_grade,
                row.effective_from,
                row.effective_to,
                row.replaces,
            )
        )
    return {kind: tuple(rows) for kind, rows in found.items()}


def _names(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT name FROM calendars ORDER BY name")))


def _calendar(session: Session, name: str) -> Calendar:
    days = session.execute(DAYS, {"name": name}).all()
    spans = session.execute(SPANS, {"name": name}).all()
    weeks = session.execute(WEEKS, {"name": name}).all()
    return Calendar(
        name=name,
        spans=tuple(
            (since, tuple((row.opens, row.closes) for row in rows))
            for since, rows in groupby(spans, key=lambda row: row.effective_from)
        ),
        weeks=(
            (date.min, WEEK),
            *((r.effective_from, frozenset(int(n) - 1 for n in r.weekdays)) for r in weeks),
        ),
        closed={row.day: row.name for row in days if not row.working},
        opened={row.day: row.name for row in days if row.working},
        announced=frozenset(row.day.year for row in days),
    )


def kinds(session: Session) -> list[dict[str, Any]]:
    """Return every kind in use, as pages and forms list them."""
    rows = _kinds(session)
    return [dict(row._mapping) for row in rows]


def is_working_day(session: Session, day: date) -> bool:
    """Say whether the city works on ``day``."""
    return handbook(session).calendar().is_working(day)


def members(session: Session, area: str) -> tuple[str, ...]:
    """Return the beginnings of the cells' codes of a zone, none of a plain division."""
    return tuple(session.scalars(MEMBERS, {"zone": area})) if area.startswith("Z") else ()


def area_known(session: Session, area: str) -> bool:
    """Say whether ``area`` is the whole city, a division, a zone or a cell."""
    return area == "" or bool(session.execute(AREA_KNOWN, {"area": area}).scalar_one())


def limits(book: Handbook, kind: str, on: date) -> list[dict[str, Any]]:
    """Return the conditions of ``kind`` as of a day, one an entry, with the limit of each grade."""
    found: dict[str, dict[str, Any]] = {}
    for grade in GRADES:
        for one in book.conditions_for(kind, grade=grade, on=on):
            entry = found.setdefault(one.text, {"id": one.id, "text": one.text, "limits": {}})
            entry["closing"] = one.closing
            entry["limits"][grade] = {
                "id": one.id,
                "value": one.limit.value,
                "unit": one.limit.unit,
                "own": one.area_grade != "ALL",
            }
    for one in book.conditions.get(kind, ()):
        if one.area_grade == "ALL" and one.holds(on) and one.text in found:
            told = {"id": one.id, "value": one.limit.value, "unit": one.limit.unit}
            found[one.text] |= told | {"since": one.since.isoformat()}
    return list(found.values())


def table(book: Handbook) -> list[dict[str, Any]]:
    """Return the routing table as lists show it, by kind and area."""
    return [
        {
            "id": row.id,
            "kind": row.kind,
            "area": row.area,
            "days": row.days,
            "begins": row.begins and f"{row.begins:%H:%M}",
            "ends": row.ends and f"{row.ends:%H:%M}",
            "department": row.department,
            "department_name": book.departments.get(row.department, row.department),
        }
        for row in book.routes
    ]


def calendars(book: Handbook, on: date) -> list[dict[str, Any]]:
    """Return each calendar with its hours and weekdays as of a day, and its days that differ."""
    return [
        {
            "name": name,
            "spans": [f"{a:%H:%M}–{z:%H:%M}" for a, z in one.spans_on(on)],
            "weekdays": "".join(str(day + 1) for day in sorted(one.week(on))),
            "days": _days(one, on),
            "later": sorted({s for s, _ in (*one.spans, *one.weeks) if s > on}),
        }
        for name, one in book.calendars.items()
    ]


def _days(one: Calendar, on: date) -> list[tuple[date, bool, str]]:
    """Return the days of this year and later that differ, whether worked, and their names."""
    both = ((False, one.closed), (True, one.opened))
    named = [(day, worked, name) for worked, days in both for day, name in days.items()]
    return sorted(row for row in named if row[0].year >= on.year)


def assignments(book: Handbook) -> list[dict[str, Any]]:
    """Return who works by which calendar from when on, departments first."""
    return [
        {"whose": whose, "code": code, "since": since, "calendar": calendar}
        for whose, held in (("department", book.departments_by), ("post", book.posts_by))
        for code, rows in sorted(held.items())
        for since, calendar in rows
    ]


def beats(session: Session, book: Handbook) -> list[dict[str, Any]]:
    """Return every beat with the departments that it belongs to, by kind."""
    owners: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for beat, kind, department in book.beats:
        owners[beat].append((kind, book.departments.get(department, department)))
    rows = session.execute(text("SELECT id, name FROM beats ORDER BY name, id LIMIT 500"))
    return [{"id": r.id, "name": r.name, "owners": owners.get(r.id, [])} for r in rows]
