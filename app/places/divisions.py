"""The tree of divisions as people walk it, and drawing their ground by hand."""

from collections.abc import Mapping
from typing import Any

import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, Refused, sentence
from app.places.areas import polygons_of
from app.places.service import FRESHEN
from gis.admit import admit_geojson
from gis.mesh import Scale, on_grid

LEVEL_NAMES = {3: "district", 4: "street", 5: "community"}
MOST_VERTICES = 20_000
SHOWN = (
    "SELECT d.code, d.name, d.level, d.parent_code, a.id IS NOT NULL AS has_area,"
    " EXISTS (SELECT FROM divisions k WHERE k.parent_code = d.code) AS has_children,"
    " ST_XMin(a.geom) AS w, ST_YMin(a.geom) AS s, ST_XMax(a.geom) AS e, ST_YMax(a.geom) AS n"
    " FROM divisions d LEFT JOIN areas a ON a.code = d.code"
)
BELOW = text(
    SHOWN + " WHERE d.parent_code = :parent AND d.code > :after ORDER BY d.code LIMIT :most"
)
# The topmost of a city are those whose parent was never imported.
TOP = text(
    SHOWN + " WHERE (d.parent_code IS NULL OR NOT EXISTS"
    " (SELECT FROM divisions p WHERE p.code = d.parent_code))"
    " AND d.level <= 2 AND d.code > :after ORDER BY d.code LIMIT :most"
)
NAMED = text(
    SHOWN + " WHERE d.code >= :q AND d.code < :q || '~' OR strpos(d.name, :q) > 0"
    " ORDER BY d.level, d.code LIMIT :most"
)
ONE = text("SELECT code, name, level, parent_code FROM divisions WHERE code = :code")
BOX = text(
    "SELECT ST_XMin(x), ST_YMin(x), ST_XMax(x), ST_YMax(x) FROM (SELECT ST_Extent(geom) AS x"
    " FROM cells WHERE ended_on IS NULL AND code >= :code AND code < :code || '~') b"
    " WHERE x IS NOT NULL"
)
STORE = text(
    "INSERT INTO areas AS a (level, code, name, within, geom) VALUES (:level, :code, :name,"
    " :within, ST_SetSRID(CAST(:geom AS geometry), 4490))"
    " ON CONFLICT (code) WHERE code IS NOT NULL DO UPDATE SET geom = excluded.geom"
)


def children(session: Session, parent: str, *, after: str = "", limit: int = 200) -> dict[str, Any]:
    """Return the divisions right below ``parent``, the topmost if it is empty, by code."""
    asked = {"parent": parent, "after": after, "most": limit + 1}
    rows = session.execute(BELOW if parent else TOP, asked).mappings().all()
    items = [dict(row) for row in rows[:limit]]
    return {"items": items, "next": items[-1]["code"] if len(rows) > limit else None}


def search(session: Session, words: str, *, limit: int = 50) -> dict[str, Any]:
    """Return the divisions whose code begins with ``words`` or whose name holds them."""
    rows = session.execute(NAMED, {"q": words, "most": limit}).mappings()
    return {"items": [dict(row) for row in rows], "next": None}


def box(session: Session, code: str) -> list[float] | None:
    """Return the box of the cells below ``code`` (degrees), None if there are none."""
    found = session.execute(BOX, {"code": code}).first()
    return list(found) if found else None


def examined(document: Mapping[str, object], coord_sys: str) -> dict[str, Any]:
    """Return what is wrong with a drawn polygon and, where it can be repaired, how it would be.

    ``{"valid", "reason", "at", "geometry", "area_m2", "repaired"}``: nothing is stored, and the
    repaired shape is only ever a proposal.
    """
    shape = _admitted(document, coord_sys)
    if shape.is_valid:
        return {**_told(shape), "valid": True, "reason": "", "repaired": None}
    repaired = polygons_of(shapely.make_valid(shape, method="structure"))
    reason = shapely.is_valid_reason(shape)
    proposal = _told(repaired) if repaired is not None else None
    return {**_told(shape), "valid": False, "reason": reason, "repaired": proposal}


def _admitted(document: Mapping[str, object], coord_sys: str) -> BaseGeometry:
    return on_grid(
        admit_geojson(
            document,
            types=("Polygon", "MultiPolygon"),
            coord_sys=coord_sys,
            max_vertices=MOST_VERTICES,
            must_be_valid=False,
        )
    )


def _told(shape: BaseGeometry) -> dict[str, Any]:
    return {
        "geometry": shapely.geometry.mapping(shape),
        "area_m2": round(Scale.around(shape).area(shape), 2),
    }


def draw(
    session: Session, actor: Actor, code: str, document: Mapping[str, object], coord_sys: str
) -> dict[str, Any]:
    """Store a drawn polygon as the ground of division ``code``; return its area.

    Raises ``Refused`` for a shape that is not valid: whoever accepts the repaired one sends that.
    """
    found = session.execute(ONE, {"code": code}).first()
    if found is None:
        raise NotFound(sentence("There is no division %(code)s."), code=code)
    actor.require("place.edit", at=code)
    if found.level not in LEVEL_NAMES:
        raise Refused(sentence("Only districts, streets and communities have an area.")).about(
            "code"
        )
    shape = _admitted(document, coord_sys)
    if not shape.is_valid:
        raise Refused(
            sentence("The area is not valid: %(reason)s. Look at the repaired shape first."),
            reason=shapely.is_valid_reason(shape),
        ).about("geometry")
    ground = MultiPolygon(list(shapely.get_parts(shape)))
    row = {"level": LEVEL_NAMES[found.level], "code": code, "name": found.name}
    geom = shapely.to_wkb(ground, hex=True)
    session.execute(STORE, {**row, "within": found.parent_code, "geom": geom})
    session.execute(FRESHEN, {"names": ["areas"]})
    audit.note(session, actor, "area.draw", code)
    return {"code": code, "area_m2": round(Scale.around(ground).area(ground), 2)}
