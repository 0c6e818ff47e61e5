"""Reading the register of parts."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.catalogue.queries import handbook
from app.kernel import sql
from app.kernel.errors import NotFound, Refused, sentence
from app.parts.filters import Filters

HERE = Path(__file__).parent
SHOWN = (
    "p.code, p.kind, p.name, p.owner, p.cell, p.state, p.source, p.begun_on, p.attributes,"
    " p.external_id, p.changed_on, p.version, left(ST_GeometryType(p.geom), 20) AS shape,"
    " ST_X(ST_PointOnSurface(p.geom)) AS lon, ST_Y(ST_PointOnSurface(p.geom)) AS lat"
)
NEAR = (
    "SELECT p.code, p.kind, p.name, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat,"
    " ST_Distance(p.geom::geography, here::geography) AS distance"
    " FROM ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) here, LATERAL ("
    "  SELECT code, kind, name, ST_PointOnSurface(geom) AS geom FROM parts"
    "  WHERE state <> 'removed' AND geom && ST_Expand(here, :degrees)"
    "  ORDER BY geom <-> here LIMIT :most) p ORDER BY distance, p.code"
)
METRES_PER_DEGREE = 111_320
WHOLE = sql.read(HERE, "whole_part")
STEPS = sql.read(HERE, "part_steps")
NEAREST = sql.read(HERE, "nearest_of_kind")
PHOTO = (
    "SELECT f.sha256 FROM photos f WHERE f.id = CAST(:id AS uuid) AND EXISTS ("
    " SELECT FROM part_steps s WHERE s.part = :code AND s.photos ? CAST(:id AS text))"
)


def near(
    session: Session, lon: float, lat: float, *, metres: float = 50, most: int = 8
) -> list[dict[str, Any]]:
    """Return at most ``most`` parts within ``metres`` of a point in EPSG:4490, nearest first."""
    # A degree of longitude is shorter than one of latitude: 2 covers every city of the country.
    degrees = 2 * metres / METRES_PER_DEGREE
    rows = sql.ask(session, NEAR, {"lon": lon, "lat": lat, "degrees": degrees, "most": most})
    return [
        _public(row) | {"distance": round(row["distance"], 1)}
        for row in rows.dicts()
        if row["distance"] <= metres
    ]


def _public(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """Return ``row`` with the kind as its small-class code, as other systems know it."""
    days = {k: v.isoformat() for k, v in row.items() if isinstance(v, date)}
    return {**dict(row), **days, "kind": row["kind"][1:], "family": "part"}


def page(session: Session, wanted: Filters, *, after: str, limit: int) -> dict[str, Any]:
    """Return parts by code, from the one after ``after`` on: ``{"items", "next"}``."""
    clauses, binds = wanted.where()
    clauses.append("p.code > :after")
    statement = f"SELECT {SHOWN} FROM parts p WHERE {' AND '.join(clauses)}"  # noqa: S608
    binds |= {"after": after, "most": limit + 1}
    rows = session.execute(text(statement + " ORDER BY p.code LIMIT :most"), binds).mappings().all()
    items = [_public(row) for row in rows[:limit]]
    return {"items": items, "next": items[-1]["code"] if len(rows) > limit else None}


def count(session: Session, wanted: Filters, *, most: int = 100_000) -> int:
    """Return how many parts fit, ``most`` + 1 if there are more."""
    clauses, binds = wanted.where()
    statement = (
        "SELECT count(*) FROM (SELECT FROM parts p WHERE "  # noqa: S608
        f"{' AND '.join(clauses or ['true'])} LIMIT :most) x"
    )
    found: int = session.execute(text(statement), {**binds, "most": most + 1}).scalar_one()
    return found


def nearest(
    session: Session, kind: str, lon: float, lat: float, *, most: int = 5
) -> list[dict[str, Any]]:
    """Return the ``most`` parts of ``kind`` nearest to a point in EPSG:4490, with metres."""
    rows = sql.ask(session, NEAREST, {"kind": kind, "lon": lon, "lat": lat, "most": most})
    return [_public(row) | {"distance": round(row["distance"], 1)} for row in rows.dicts()]


def one(session: Session, code: str) -> dict[str, Any]:
    """Return the whole part ``code``: every field, its shape, its places; ``NotFound`` if none."""
    row = sql.ask(session, WHOLE, {"code": code}).first()
    if row is None:
        raise NotFound(sentence("There is no part with this code."), part=code)
    found = _public(row._asdict())
    found["geometry"] = json.loads(found["geometry"])
    return found


def steps(session: Session, code: str, *, most: int = 100) -> list[dict[str, Any]]:
    """Return the history of a part, newest first."""
    rows = sql.ask(session, STEPS, {"code": code, "most": most})
    return [{**row, "at": row["at"].isoformat()} for row in rows.dicts()]


def photo(session: Session, code: str, number: UUID) -> str | None:
    """Return the hash of photo ``number`` if it stands in the history of part ``code``."""
    row = sql.ask(session, PHOTO, {"code": code, "id": number}).first()
    return row.sha256 if row else None


def kinds(session: Session) -> list[dict[str, Any]]:
    """Return every kind of parts with its geometry kind and accuracy class, by code."""
    rows = session.execute(
        text(
            "SELECT id, code, name, name_en, big_code, big_name, geometry, accuracy_class"
            " FROM kinds WHERE family = 'part' AND in_use ORDER BY id"
        )
    )
    return [dict(row._mapping) for row in rows]


def kind(session: Session, given: str) -> dict[str, Any]:
    """Return one kind of parts with its geometry kind and accuracy class, or raise ``Refused``."""
    found = handbook(session).kind(given, with_part=True)
    if found.family != "part":
        raise Refused(sentence("%(kind)s is a kind of events, not of parts."), kind=found.id).about(
            "kind"
        )
    row = session.execute(
        text("SELECT id, code, name, geometry, accuracy_class FROM kinds WHERE id = :id"),
        {"id": found.id},
    ).one()
    return dict(row._mapping)


NUMBERED = (
    "SELECT code, name, ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT code, name,"
    " ST_PointOnSurface(geom) AS p FROM parts WHERE state <> 'removed'"
    " AND (code = :number OR lower(external_id) = lower(:number)) ORDER BY code LIMIT 10) n"
)


def numbered(session: Session, number: str | None) -> list[dict[str, Any]]:
    """Return at most ten parts that carry ``number``: their code, name and place (EPSG:4490).

    It is their code, or the number their owner gave them, whatever the case of its letters.
    """
    return sql.ask(session, NUMBERED, {"number": number}).dicts() if number else []


def kind_of(session: Session, code: str) -> str:
    """Return the kind of part ``code``, or raise ``Refused`` if the register has no such part."""
    kind = session.execute(
        text("SELECT kind FROM parts WHERE code = :code AND state <> 'removed'"), {"code": code}
    ).scalar_one_or_none()
    if kind is None:
        raise Refused(sentence("There is no part “%(part)s”."), part=code).about("part_code")
    found: str = kind
    return found
