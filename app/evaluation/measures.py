"""What happened, counted: basic indicators of every object, and the cases behind each."""

from collections import Counter
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.evaluation import queries
from app.kernel import clock
from app.kernel.clock import CITY_TIME

OBJECTS = (
    "departments",
    "districts",
    "streets",
    "communities",
    "cells",
    "inspectors",
    "agents",
    "shift_leaders",
    "dispatchers",
)
DIGITS = {"districts": 6, "streets": 9, "communities": 12, "cells": 14}
CELLS = text("SELECT left(code, :n) AS object, count(*) AS n FROM cells GROUP BY 1 ORDER BY 1")
CODED = text(
    "SELECT code, name FROM divisions WHERE length(code) = :n"
    " UNION ALL SELECT code, code FROM cells WHERE length(code) = :n ORDER BY 1"
)
DEPARTMENTS = text("SELECT code, name FROM departments WHERE handles ORDER BY position, code")
PEOPLE = text("SELECT id::text AS code, name FROM people WHERE post = :post ORDER BY id")


def measured(session: Session, objects: str, begin: date, end: date) -> dict[str, dict[str, int]]:
    """Return the basic indicators of each of ``objects`` for the city's days from ``begin`` on.

    ``end`` is the day after the last.  Codes of departments, areas and cells; ids of people.
    """
    if objects in DIGITS:
        cells = session.execute(CELLS, {"n": DIGITS[objects]})
        found: dict[str, dict[str, int]] = {
            row.object: {"grids": row.n, "grade": 1} for row in cells
        }
    elif objects == "departments":
        return _counted(session, objects, begin, end)
    else:
        return {code: {} for code in names(session, objects)}
    for code, counts in _counted(session, objects, begin, end).items():
        found.get(code, {}).update(counts)
    return found


def _counted(session: Session, objects: str, begin: date, end: date) -> dict[str, dict[str, int]]:
    statement = queries.FACTS
    if objects in DIGITS:
        of = f"left(c.cell, {DIGITS[objects]})"
        statement = statement.replace("SELECT c.department,", f"SELECT {of} AS department,", 1)
        statement = statement[: statement.index("FROM departments d")].replace(
            "d.code AS object, d.name", "a.department AS object"
        )
        statement += "FROM asked a GROUP BY 1"
    rows = session.execute(text(statement), _between(begin, end))
    return {r.object: {n: getattr(r, n) for n in queries.INDICATORS if getattr(r, n)} for r in rows}


def _between(begin: date, end: date) -> dict[str, datetime]:
    first, last = (datetime.combine(day, time(0), CITY_TIME) for day in (begin, end))
    return {"begin": first, "end": last, "at": clock.now()}


def names(session: Session, objects: str) -> dict[str, str]:
    """Return the names of ``objects`` by their codes, in the order they are listed in."""
    if objects == "departments":
        rows = session.execute(DEPARTMENTS)
    elif objects in DIGITS:
        rows = session.execute(CODED, {"n": DIGITS[objects]})
    else:
        rows = session.execute(PEOPLE, {"post": objects.removesuffix("s")})
    return {row.code: row.name for row in rows}


def behind(
    session: Session, objects: str, object: str, indicator: str, begin: date, end: date
) -> list[int]:
    """Return the ids of the cases that ``indicator`` counts, each as often as it counts."""
    if objects != "departments" or indicator not in queries.BEHIND:
        return []
    return queries.behind(session, object, indicator, **_between(begin, end))


def spread(
    session: Session, objects: str, object: str | None, begin: date, end: date
) -> dict[str, Any]:
    """Return how the filed cases spread over kinds, sources and hours."""
    hours = Counter[int]()
    return {"kinds": [], "sources": [], "hours": [hours[n] for n in range(24)]}


def current_to(session: Session) -> datetime:
    """Return up to when the counts know the journal."""
    return clock.now()
