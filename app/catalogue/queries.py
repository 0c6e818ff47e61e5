"""Reading the command handbook, once per version."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.catalogue.routing import Route
from app.catalogue.rules import Calendar, Condition, Handbook, Kind, Limit
from app.kernel import sql
from app.org import queries as org

VERSION = "SELECT n FROM versions WHERE name = 'catalogue'"
_kept: dict[int, Handbook] = {}
ROUTES = text(
    "SELECT kind, area, department,"
    " ARRAY(SELECT member FROM zone_members WHERE zone = area ORDER BY member) AS members"
    " FROM routes"
)


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
            Route(row.kind, row.area, row.department, tuple(row.members))
            for row in session.execute(ROUTES)
        ),
        departments=org.departments(session),
        version=version,
    )


def _kinds(session: Session) -> Iterable[Row[Any]]:
    return session.execute(
        text(
            "SELECT id, family, code, name, name_en, big_code, big_name, pinyin, initials"
            " FROM kinds WHERE in_use ORDER BY id"
        )
    )


def _conditions(session: Session) -> dict[str, tuple[Condition, ...]]:
    found: dict[str, list[Condition]] = defaultdict(list)
    rows = session.execute(
        text(
            'SELECT kind, id, text, "limit", unit, closing, area_grade FROM conditions'
            " WHERE effective_to IS NULL OR effective_to > current_date ORDER BY kind, position, id"
        )
    )
    for row in rows:
        limit = Limit(float(row.limit), row.unit)
        found[row.kind].append(Condition(row.id, row.text, limit, row.closing, row.area_grade))
    return {kind: tuple(rows) for kind, rows in found.items()}


def _names(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT name FROM calendars ORDER BY name")))


def _calendar(session: Session, name: str) -> Calendar:
    days = session.execute(
        text("SELECT day, working, name FROM calendar_days WHERE calendar = :name"), {"name": name}
    ).all()
    spans = session.execute(
        text(
            "SELECT effective_from, opens, closes FROM calendar_spans"
            " WHERE calendar = :name ORDER BY effective_from, opens"
        ),
        {"name": name},
    ).all()
    return Calendar(
        name=name,
        spans=tuple(
            (since, tuple((row.opens, row.closes) for row in rows))
            for since, rows in groupby(spans, key=lambda row: row.effective_from)
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
