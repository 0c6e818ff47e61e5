"""Who should handle a case: what is known of its place, asked of the routing rules, in words."""

from datetime import datetime
from math import cos, radians
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.catalogue.routing import BORDER, Asked, Beside, Passed, Said, Suggestion, sureness
from app.catalogue.routing import suggest as by_rules
from app.catalogue.rules import Handbook
from app.kernel import clock, sql
from app.kernel.clock import local
from app.kernel.i18n import translate

WHEREABOUTS = sql.read(Path(__file__).parent, "whereabouts")
BODIES = ("owner", "upkeep", "title")
DEGREE = 111_000.0
"""Metres of a degree of latitude, a little less than on any ellipsoid."""


def suggestion(session: Session, row: Row[Any], book: Handbook) -> Suggestion | None:
    """Return who should handle the case in ``row``; its place is looked up once a transaction.

    A time window of the table is held against the moment of dispatch, which is now until then.
    """
    key = ("suggestion", row.id, row.steps, book.version)
    if key not in session.info:
        at = local(row.dispatched_at or clock.now())
        place = (row.lon, row.lat, row.cell or "")
        asked = at_place(session, book, row.kind, place, part=row.part_code, at=at)
        session.info[key] = by_rules(book.routes, asked)
    found: Suggestion | None = session.info[key]
    return found


def at_place(
    session: Session,
    book: Handbook,
    kind: str,
    place: tuple[float, float, str],
    *,
    part: str | None,
    at: datetime,
) -> Asked:
    """Return what the rules are asked about ``kind`` at ``place``: degrees (EPSG:4490) and cell."""
    lon, lat, cell = place
    binds = {"lon": lon, "lat": lat, "cell": cell, "part": part, "metres": BORDER}
    binds["degrees"] = BORDER / DEGREE / max(cos(radians(lat)), 0.05)
    row = sql.ask(session, WHEREABOUTS, binds).one()
    beside = (one.split() for one in row.beside) if cell else ()
    return Asked(
        kind,
        cell,
        at,
        book.calendar().is_working(at.date()),
        tuple((body, getattr(row, body)) for body in BODIES if _known(row, body, book)),
        book.beat_department(row.beat, kind),
        tuple(
            Beside(code, float(metres), book.beat_department(int(beat), kind))
            for code, beat, metres in beside
        ),
    )


def _known(row: Any, body: str, book: Handbook) -> bool:
    """Say whether a body of the part is a department of this city that handles cases."""
    return getattr(row, body) in book.departments


def likeliest(found: Suggestion | None) -> dict[str, int]:
    """Return the departments to offer first, with their places: the suggested, then the near."""
    if found is None:
        return {}
    codes = dict.fromkeys((found.department, *(one.department for one in found.border)))
    return {code: place for place, code in enumerate(codes)}


def shown(found: Suggestion | None, book: Handbook) -> dict[str, Any] | None:
    """Return a suggestion in words, with those that were passed over and how sure it is."""
    if found is None:
        return None
    return {
        "department": found.department,
        "department_name": book.departments.get(found.department, found.department),
        "source": found.source,
        "why": tell(found.why, book),
        "sure": found.sure,
        "sureness": translate(sureness(found.sure)),
        "passed": [_passed(one, book) for one in found.passed],
        "border": [_passed(one, book) for one in found.border],
    }


def _passed(one: Passed, book: Handbook) -> dict[str, str]:
    return {
        "department": one.department,
        "department_name": book.departments.get(one.department, one.department),
        "why": tell(one.why, book),
    }


def tell(said: Said, book: Handbook) -> str:
    """Return a sentence of the rules in the reader's language, departments by their names."""
    return translate(said.message, **{k: _fact(k, v, book) for k, v in said.facts.items()})


def _fact(name: str, value: object, book: Handbook) -> object:
    if isinstance(value, Said):
        return tell(value, book)
    return book.departments.get(str(value), value) if name == "department" else value
