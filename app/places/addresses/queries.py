"""Reading the register of addresses."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.errors import NotFound, sentence
from app.kernel.scopes import after_prefix
from app.places.addresses.words import normalise

LINEAGE = sql.read(Path(__file__).parent, "lineage")
STREET = (
    "SELECT id, name, ST_AsBinary(geom) AS geom FROM addresses"
    " WHERE id = :id AND type = 'street' AND ended_on IS NULL"
)
SHOWN = (
    "a.id, a.type, a.name, a.alias, a.former, a.division, a.cell, a.street, a.number, a.sub,"
    " a.unit, a.side, a.category, a.source, a.begun_on::text AS begun_on,"
    " a.changed_on::text AS changed_on, a.ended_on::text AS ended_on, a.state, a.note,"
    " a.version AS seen, ST_X(a.point) AS lon, ST_Y(a.point) AS lat"
)
ONE = (
    f"SELECT {SHOWN}, s.name AS street_name, ST_AsGeoJSON(a.geom, 9)::json AS geometry"  # noqa: S608
    " FROM addresses a LEFT JOIN addresses s ON s.id = a.street WHERE a.id = :id"
)
HISTORY = text(
    "SELECT c.at, c.action, p.name AS who, c.before, c.after FROM address_changes c"
    " LEFT JOIN people p ON p.id = c.actor_id WHERE c.address = :id ORDER BY c.id DESC LIMIT 50"
)


def one(session: Session, number: str) -> dict[str, Any]:
    """Return the place ``number`` with its geometry, or raise ``NotFound``."""
    row = sql.ask(session, ONE, {"id": number}).first()
    if row is None:
        raise NotFound(sentence("There is no such place."), place=number)
    found: dict[str, Any] = row._asdict()
    return found


def history(session: Session, number: str) -> list[dict[str, Any]]:
    """Return who changed a place, newest first, with what it was before."""
    rows = session.execute(HISTORY, {"id": number}).mappings()
    return [dict(row) | {"at": row["at"].isoformat()} for row in rows]


def page(
    session: Session,
    *,
    kinds: Sequence[str] = (),
    q: str = "",
    division: str = "",
    bbox: tuple[float, float, float, float] | None = None,
    ended: bool = False,
    after: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Return places by id, from the one after ``after`` on: ``{"items", "next"}``."""
    clauses, binds = ["a.id > :after"], {"after": after, "most": limit + 1}
    if not ended:
        clauses.append("a.ended_on IS NULL")
    if kinds:
        clauses.append("a.type = ANY(:kinds)")
        binds["kinds"] = list(kinds)
    if division:
        clauses.append("a.id >= :division AND a.id < :division_end AND a.division ^@ :inside")
        binds |= {"division": division[:6], "division_end": after_prefix(division[:6])}
        binds["inside"] = division
    if bbox:
        clauses.append("a.point && ST_MakeEnvelope(:w, :s, :e, :n, 4490)")
        binds |= dict(zip("wsen", bbox, strict=True))
    if q:
        clauses.append(
            "(a.id IN (SELECT address FROM address_words WHERE word LIKE :like)"
            " OR a.street IN (SELECT address FROM address_words WHERE word = :word))"
        )
        word = normalise(q).casefold()
        binds |= {"word": word, "like": "%" + word.replace("%", "").replace("_", "") + "%"}
    ask = f"SELECT {SHOWN} FROM addresses a WHERE {' AND '.join(clauses)}"  # noqa: S608
    rows = session.execute(text(ask + " ORDER BY a.id LIMIT :most"), binds).mappings().all()
    items = [dict(row) for row in rows[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(rows) > limit else None}


def counts(session: Session) -> dict[str, int]:
    """Return how many places of each type there are, and how many crossings."""
    rows = session.execute(
        text(
            "SELECT type, count(*) AS n FROM addresses WHERE ended_on IS NULL GROUP BY type"
            " UNION ALL SELECT 'crossing', count(*) / 2 FROM crossings"
        )
    )
    return {row.type: row.n for row in rows}


def lineages(session: Session, divisions: Iterable[str]) -> dict[str, list[str]]:
    """Return the names above and of each division, from the province down."""
    found: dict[str, list[str]] = defaultdict(list)
    codes = sorted(code for code in divisions if code)
    if codes:
        for row in sql.ask(session, LINEAGE, {"codes": codes}).rows:
            found[row.of].append(row.name)
    return found
