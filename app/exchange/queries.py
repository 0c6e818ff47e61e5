"""What the collections hold: pages of GeoJSON features, by keyset."""

from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.exchange.rules import Asked, Collection, Crs
from app.kernel import sql
from app.kernel.errors import NotFound, sentence

template = partial(sql.read, Path(__file__).parent)
BOX = "ST_Transform(ST_MakeEnvelope(:w, :s, :e, :n, CAST(:box_srid AS integer)), 4490)"
WITHIN = {
    "cells": f"t.geom && {BOX} AND ST_Intersects(t.geom, {BOX})",
    "parts": f"t.geom && {BOX} AND ST_Intersects(t.geom, {BOX})",
    # By the blurred place: asked for ever smaller boxes, the exact one would give itself away.
    "cases": f"t.place3857 && ST_Transform(ST_Expand({BOX}, 0.0002), 3857)"
    f" AND ST_Intersects(ST_SnapToGrid(t.place, 0.0002), {BOX})",
}
SINCE = {"cells": "t.begun_on", "parts": "t.begun_on", "cases": "t.reported_at"}
FILTERS = {
    "cells": {
        "community": "t.community = :community",
        "grade": "t.grade = :grade",
        "district": "starts_with(t.code, :district)",
    },
    "parts": {
        "kind": "substr(t.kind, 2) = :kind",
        "state": "t.state = :state",
        "cell": "t.cell = :cell",
    },
    "cases": {
        "kind": "substr(t.kind, 2) = :kind",
        "state": "t.state = :state",
        "stage": "t.stage = :stage",
        "district": "starts_with(t.cell, :district)",
    },
}
OFFERED = text(
    "SELECT name FROM layers WHERE name IN ('cells', 'parts', 'cases') AND posts = '{}'"
    " ORDER BY name"
)
EXTENT = text(
    "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
    " FROM (SELECT ST_Extent(geom) AS e FROM areas) x WHERE e IS NOT NULL"
)


def offered(session: Session) -> set[str]:
    """Return the collections that are public: those that the register reserves for nobody."""
    return set(session.scalars(OFFERED))


def extent(session: Session) -> list[float] | None:
    """Return the city's box in degrees, lon/lat, None while there is no city."""
    found = session.execute(EXTENT).first()
    return [float(n) for n in found] if found else None


def page(session: Session, collection: Collection, asked: Asked) -> tuple[list[str], str | None]:
    """Return a page of features as JSON texts, and the key that the next page begins after."""
    clauses, binds = _conditions(collection.name, asked)
    ask = template(collection.name).replace("/*asked*/ true", " AND ".join(["true", *clauses]))
    told = binds | _in(asked.crs) | {"after": asked.after or "", "limit": asked.limit + 1}
    rows = session.execute(text(ask), told).all()
    shown = rows[: asked.limit]
    return [row.feature for row in shown], shown[-1].key if len(rows) > len(shown) else None


def _in(crs: Crs) -> dict[str, Any]:
    return {"srid": crs.srid, "flip": crs.latitude_first}


def _conditions(name: str, asked: Asked) -> tuple[list[str], dict[str, Any]]:
    clauses = [FILTERS[name][key] for key in asked.filters]
    binds: dict[str, Any] = dict(asked.filters)
    if asked.box is not None:
        clauses.append(WITHIN[name])
        binds |= dict(zip("wsen", asked.box, strict=True)) | {"box_srid": asked.box_crs.srid}
    # Days are compared as days: what began on a day is in it, whatever the hour.
    cast = "timestamptz" if name == "cases" else "date"
    if asked.begin is not None:
        clauses.append(f"{SINCE[name]} >= CAST(:begin AS {cast})")
        binds["begin"] = asked.begin
    if asked.end is not None:
        clauses.append(f"{SINCE[name]} <= CAST(:end AS {cast})")
        binds["end"] = asked.end
    return clauses, binds


def one(session: Session, collection: Collection, key: str, crs: Crs) -> str:
    """Return the feature ``key`` as JSON text, or raise ``NotFound``."""
    column = "number" if collection.name == "cases" else "code"
    ask = template(collection.name).replace("/*asked*/ true", f"t.{column} = :key")
    told = _in(crs) | {"after": "", "limit": 1, "key": key}
    row = session.execute(text(ask), told).first()
    if row is None:
        raise NotFound(sentence("There is no such feature."), key=key[:80])
    return str(row.feature)
