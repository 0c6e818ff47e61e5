"""Reading unit grids: lists, shapes to edit, which code came before today's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely import Polygon
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound, sentence
from app.kernel.scopes import after_prefix

HERE = Path(__file__).parent
MOST_SHAPES = 400
"""Cells that are sent as GeoJSON at once; more are looked at as tiles."""
TODAY = (
    '{column} = ANY(ARRAY(WITH RECURSIVE earlier AS (SELECT CAST(:cell AS text) COLLATE "C" AS code'
    " UNION SELECT l.old FROM earlier e JOIN cell_lineage l ON l.new = e.code)"
    " SELECT code FROM earlier))"
    " AND ({column} = :cell OR ST_Covers((SELECT geom FROM cells WHERE code = :cell), {place}))"
)
SHAPES = text(
    "SELECT code, community, area_m2, ST_AsBinary(geom) AS geom FROM cells"
    " WHERE ended_on IS NULL AND geom && ST_MakeEnvelope(:w, :s, :e, :n, 4490)"
    " ORDER BY code LIMIT :most"
)
CHOSEN = text(
    "SELECT code, community, grade, area_m2, ST_AsBinary(geom) AS geom FROM cells"
    " WHERE ended_on IS NULL AND code = ANY(:codes) ORDER BY code FOR UPDATE"
)
AROUND = text(
    "SELECT c.code, ST_AsBinary(c.geom) AS geom FROM cells c, ("
    "  SELECT ST_Expand(ST_Extent(geom)::geometry, 0.00001) AS box FROM cells"
    "  WHERE ended_on IS NULL AND code = ANY(:codes)) near"
    " WHERE c.ended_on IS NULL AND c.geom && ST_SetSRID(near.box, 4490)"
    " AND NOT c.code = ANY(:codes) ORDER BY c.code"
)
LIST = text(
    "SELECT c.code, c.area_m2, c.grade, b.name AS beat, ST_XMin(c.geom) AS w, ST_YMin(c.geom) AS s,"
    " ST_XMax(c.geom) AS e, ST_YMax(c.geom) AS n FROM cells c LEFT JOIN beats b ON b.id = c.beat_id"
    " WHERE c.ended_on IS NULL AND c.code > :after AND c.code >= :within AND c.code < :end"
    " ORDER BY c.code LIMIT :most"
)
ONE = text(
    "SELECT code, community, area_m2, grade, begun_on, ended_on, ST_AsGeoJSON(geom)::json AS shape"
    " FROM cells WHERE code = :code"
)
EARLIER = text(
    "WITH RECURSIVE earlier AS (SELECT old AS code FROM cell_lineage WHERE new = :code UNION"
    " SELECT l.old FROM earlier e JOIN cell_lineage l ON l.new = e.code)"
    " SELECT code FROM earlier WHERE code <> :code ORDER BY code LIMIT 500"
)
LATER = text("SELECT new FROM cell_lineage WHERE old = :code ORDER BY new LIMIT 500")
EDITS = text(
    "SELECT e.id, e.at, e.verb, e.community, e.ended, e.begun, e.undoes, p.name AS who,"
    " NOT EXISTS (SELECT FROM cells c WHERE c.code = ANY(e.begun) AND c.ended_on IS NOT NULL)"
    " AND NOT EXISTS (SELECT FROM cells c WHERE c.code = ANY(e.ended) AND c.ended_on IS NULL)"
    " AS can_undo FROM cell_edits e LEFT JOIN people p ON p.id = e.actor_id"
    " WHERE e.community >= :within AND e.community < :end ORDER BY e.id DESC LIMIT :most"
)


def called_today(column: str, place: str) -> str:
    """Return the condition that ``column`` is cell ``:cell``, or was before ``place`` became its.

    What was filed under an earlier code of the same ground keeps that code and is found by
    today's.  Both names are our own, never a stranger's.
    """
    return TODAY.format(column=column, place=place)


def _end(within: str) -> str:
    return after_prefix(within) if within else "~"


def page(session: Session, within: str, *, after: str, limit: int) -> dict[str, Any]:
    """Return the cells in use below ``within`` by code: ``{"items", "next"}``."""
    asked = {"within": within, "end": _end(within), "after": after, "most": limit + 1}
    rows = session.execute(LIST, asked).all()
    items = [
        {
            "code": row.code,
            "area_m2": float(row.area_m2),
            "grade": row.grade,
            "beat": row.beat,
            "bbox": [row.w, row.s, row.e, row.n],
        }
        for row in rows[:limit]
    ]
    return {"items": items, "next": items[-1]["code"] if len(rows) > limit else None}


def one(session: Session, code: str) -> dict[str, Any]:
    """Return a cell, ended or not, with the codes before and after it, or raise ``NotFound``."""
    row = session.execute(ONE, {"code": code}).mappings().first()
    if row is None:
        raise NotFound(sentence("There is no cell %(cell)s."), cell=code)
    dates = {"begun_on": row["begun_on"].isoformat()}
    dates["ended_on"] = row["ended_on"].isoformat() if row["ended_on"] else None
    return {
        **dict(row),
        **dates,
        "area_m2": float(row["area_m2"]),
        "earlier": list(session.scalars(EARLIER, {"code": code})),
        "later": list(session.scalars(LATER, {"code": code})),
    }


def shapes(session: Session, box: tuple[float, float, float, float]) -> dict[str, Any]:
    """Return the cells in use that meet ``box`` (degrees) as GeoJSON, and if there were more."""
    asked = {**dict(zip("wsen", box, strict=True)), "most": MOST_SHAPES + 1}
    rows = session.execute(SHAPES, asked).all()
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": row.code,
                "community": row.community,
                "area_m2": float(row.area_m2),
            },
            "geometry": shapely.geometry.mapping(polygon(row.geom)),
        }
        for row in rows[:MOST_SHAPES]
    ]
    return {
        "type": "FeatureCollection",
        "features": features,
        "more": len(rows) > MOST_SHAPES,
    }


def edits(session: Session, within: str, *, most: int = 30) -> list[dict[str, Any]]:
    """Return the newest changes of the grid below ``within``, and which of them can be undone."""
    rows = session.execute(EDITS, {"within": within, "end": _end(within), "most": most})
    return [{**dict(row), "at": row["at"].isoformat()} for row in rows.mappings()]


def polygon(raw: memoryview) -> Polygon:
    """Return a cell's shape from the database's bytes."""
    found = shapely.from_wkb(bytes(raw))
    if not isinstance(found, Polygon):
        raise TypeError(found.geom_type)
    return found


def around(session: Session, codes: Sequence[str]) -> dict[str, Polygon]:
    """Return the cells in use whose boxes come near to those of ``codes``."""
    return {row.code: polygon(row.geom) for row in session.execute(AROUND, {"codes": list(codes)})}
