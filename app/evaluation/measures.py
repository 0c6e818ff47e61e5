"""Basic indicators of objects over city days, the cases behind them, and how they spread."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases.forms import SOURCES
from app.evaluation import patrolled
from app.evaluation.indicators import AREAS, CODES, INDICATORS, SIDES, numbered
from app.evaluation.marks import source
from app.kernel.errors import NotFound, sentence

POSTS: Mapping[str, str] = {
    "inspectors": "inspector",
    "agents": "agent",
    "shift_leaders": "shift_leader",
    "dispatchers": "dispatcher",
}
OBJECTS = ("departments", *AREAS, "cells", *POSTS)
MARKED: Mapping[str, str] = {
    "departments": "department",
    **dict.fromkeys((*AREAS, "cells"), "cell"),
    **POSTS,
}
"""On which side the marks of each kind of object lie."""
TALLIED: Mapping[str, str] = {
    **MARKED,
    "districts": "district",
    "streets": "street",
    "communities": "community",
}
SUM = text(
    "SELECT object, indicator, CAST(sum(n) AS integer) AS n FROM tallies"
    " WHERE side = :side AND day >= :begin AND day < :end GROUP BY object, indicator"
)
SUM_CELLS = text(numbered(source("cells")))
BEHIND = text(source("behind"))
SPREAD = text(source("spread"))
SPREAD_BEHIND = text(source("spread_behind"))
DEPARTMENTS = text("SELECT code, name FROM departments WHERE handles ORDER BY position, code")
PEOPLE = text(
    "SELECT id::text AS code, name FROM people WHERE post = :post"
    " AND (active OR EXISTS (SELECT FROM tallies WHERE side = :side AND object = people.id::text))"
    " ORDER BY name, id"
)
REGIONS = text(source("regions"))
CURRENT = text("SELECT at FROM mark_cursor")


def _listed(session: Session, objects: str) -> list[Any]:
    """Return the objects of a kind with code and name, regions with their cells and grade."""
    if objects not in OBJECTS:
        raise NotFound(sentence("There is no such ranking."))
    if objects in POSTS:
        asked = {"post": POSTS[objects], "side": SIDES[POSTS[objects]]}
        return list(session.execute(PEOPLE, asked))
    if objects == "departments":
        return list(session.execute(DEPARTMENTS))
    return list(session.execute(REGIONS, {"length": AREAS.get(objects, 100)}))


def measured(session: Session, objects: str, begin: date, end: date) -> dict[str, dict[str, int]]:
    """Return each object's basic indicators for the city days ``begin`` ≤ day < ``end``.

    An object that nothing was counted for is there with nothing; regions also say ``grids`` (how
    many cells) and ``grade`` (of the area, 1 or 2 …).  Raises ``NotFound`` for unknown objects.
    """
    found: dict[str, dict[str, int]] = {}
    for row in _listed(session, objects):
        told = row._mapping
        found[row.code] = {name: told[name] for name in ("grids", "grade") if name in told}
    asked = {"side": SIDES[TALLIED[objects]], "begin": begin, "end": end}
    for row in session.execute(SUM_CELLS if objects == "cells" else SUM, asked):
        if row.object in found and row.n:
            found[row.object][CODES[row.indicator]] = row.n
    if objects == "inspectors":
        for code, indicator, n in patrolled.counts(session, begin, end):
            found.setdefault(code, {})[indicator] = n
    return found


def names(session: Session, objects: str) -> dict[str, str]:
    """Return what each object of a kind is called, by its code, in the order of lists."""
    return {row.code: row.name for row in _listed(session, objects)}


def behind(
    session: Session, objects: str, object: str, indicator: str, begin: date, end: date
) -> list[int]:
    """Return the ids of the cases that a figure counts, newest first, each as often as it counts.

    Raises ``NotFound`` for an indicator that is not counted for such objects.
    """
    known = INDICATORS.get(indicator)
    if objects not in OBJECTS or known is None or MARKED[objects] not in known.sides.split():
        raise NotFound(sentence("There is no such indicator."), indicator=indicator)
    if indicator in patrolled.COUNTED:
        return patrolled.behind(session, int(object), indicator, begin, end)
    asked = {"side": SIDES[MARKED[objects]], "whole": objects not in AREAS, "object": object}
    asked |= {"indicator": known.number, "begin": begin, "end": end}
    return list(session.scalars(BEHIND, asked))


def spread(
    session: Session, objects: str, object: str | None, begin: date, end: date
) -> dict[str, Any]:
    """Return by kind, source and hour of report the filed cases of ``object``, or of all.

    ``kinds`` and ``sources`` are lists of [code, name, n], most first (the name of a source is a
    msgid); ``hours`` has 24 numbers.
    """
    if objects not in OBJECTS:
        raise NotFound(sentence("There is no such ranking."))
    asked = {"side": SIDES[MARKED[objects]], "whole": objects not in AREAS, "object": object or ""}
    asked |= {"indicator": INDICATORS["inst_num"].number, "begin": begin, "end": end}
    kinds: dict[tuple[str, str], int] = defaultdict(int)
    sources: dict[str, int] = defaultdict(int)
    hours = [0] * 24
    for row in session.execute(SPREAD, asked):
        kinds[row.kind, row.name] += row.n
        sources[row.source] += row.n
        hours[row.hour] += row.n
    return {
        "kinds": [[code, name, n] for (code, name), n in _most(kinds)],
        "sources": [[code, SOURCES.get(code, code), n] for code, n in _most(sources)],
        "hours": hours,
    }


def spread_behind(
    session: Session,
    objects: str,
    begin: date,
    end: date,
    *,
    kind: str = "",
    source: str = "",
    hour: int | None = None,
) -> list[int]:
    """Return the ids of the cases behind one figure of the spread over all ``objects``."""
    asked = {"side": SIDES[MARKED[objects]], "begin": begin, "end": end}
    asked |= {"indicator": INDICATORS["inst_num"].number}
    chosen = {"kind": kind, "source": source, "hour": hour}
    return list(session.scalars(SPREAD_BEHIND, asked | chosen))


def _most(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def current_to(session: Session) -> datetime:
    """Return up to when the marks know the journal."""
    found: datetime = session.execute(CURRENT).scalar_one()
    return found
