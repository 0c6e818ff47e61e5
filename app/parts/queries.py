"""Reading the register of parts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.errors import NotFound, Refused, sentence
from app.places.cells import called_today

SHOWN = (
    "p.code, p.kind, p.name, p.owner, p.cell, p.state, p.source, p.begun_on, p.attributes,"
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
    return {**dict(row), "kind": row["kind"][1:], "family": "part"}


def page(
    session: Session,
    *,
    bbox: tuple[float, float, float, float] | None,
    kinds: list[str] | None,
    q: str,
    after: str,
    limit: int,
    cell: str = "",
) -> dict[str, Any]:
    """Return parts by code, from the one after ``after`` on: ``{"items", "next"}``."""
    clauses, binds = ["p.code > :after"], {"after": after, "most": limit + 1}
    if bbox:
        clauses.append("p.geom && ST_MakeEnvelope(:w, :s, :e, :n, 4490)")
        binds |= dict(zip("wsen", bbox, strict=True))
    if kinds is not None:
        clauses.append("p.kind = ANY(:kinds)")
        binds["kinds"] = kinds
    if cell:
        clauses.append("p.geom && (SELECT geom FROM cells WHERE code = :cell)")
        clauses.append(called_today("p.cell", "ST_PointOnSurface(p.geom)"))
        binds["cell"] = cell
    if q:
        clauses.append("(starts_with(p.code, :q) OR strpos(p.name, :q) > 0)")
        binds["q"] = q
    statement = f"SELECT {SHOWN} FROM parts p WHERE {' AND '.join(clauses)}"  # noqa: S608
    rows = session.execute(text(statement + " ORDER BY p.code LIMIT :most"), binds).mappings().all()
    items = [_public(row) for row in rows[:limit]]
    return {"items": items, "next": items[-1]["code"] if len(rows) > limit else None}


def one(session: Session, code: str) -> dict[str, Any]:
    """Return the part ``code``, or raise ``NotFound``."""
    row = (
        session.execute(
            text(f"SELECT {SHOWN} FROM parts p WHERE p.code = :code"),  # noqa: S608
            {"code": code},
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound(sentence("There is no part with this code."), part=code)
    return _public(row)


def kind_of(session: Session, code: str) -> str:
    """Return the kind of part ``code``, or raise ``Refused`` if the register has no such part."""
    kind = session.execute(
        text("SELECT kind FROM parts WHERE code = :code AND state <> 'removed'"), {"code": code}
    ).scalar_one_or_none()
    if kind is None:
        raise Refused(sentence("There is no part “%(part)s”."), part=code).about("part_code")
    found: str = kind
    return found
