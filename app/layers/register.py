"""The register of layers as it is read: for maps, for the administrator, for one layer."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.auth import Actor
from app.kernel.errors import NotFound, sentence
from app.kernel.i18n import translate
from app.layers import styles
from gis.shapes import Extent

MOST = 200
SYSTEM = {"base", "cells", "parts", "cases"}
"""Layers that maps draw by themselves, unless they are reserved for other posts."""
TEXTS = (
    *("title", "title_en", "abstract", "source", "licence", "accuracy", "contact"),
    "keywords",
)
SEEN = " WHERE (l.posts = '{}' OR :post = ANY(l.posts) OR :every)"
ROWS = (
    "SELECT l.*, s.document, v.file, v.crs, v.published_at, v.report,"  # noqa: S608 - our own
    " (SELECT count(*) FROM layer_versions d WHERE d.layer_id = l.id) AS versions,"
    " (SELECT max(d.id) FROM layer_versions d WHERE d.layer_id = l.id) AS newest"
    " FROM layers l LEFT JOIN layer_styles s ON s.id = l.style_id"
    " LEFT JOIN layer_versions v ON v.id = l.version_id" + SEEN
)
LIST = text(ROWS + " ORDER BY l.position, l.title, l.id LIMIT :most")
ONE = text(ROWS + " AND l.name = :name")
SHOWN = text(
    "SELECT l.name, l.title, l.title_en, l.is_own, l.min_zoom, l.max_zoom,"  # noqa: S608 - our own
    " l.source, s.document FROM layers l LEFT JOIN layer_styles s ON s.id = l.style_id"
    + SEEN
    + " AND (NOT l.is_own OR l.version_id IS NOT NULL)"
    " ORDER BY l.position, l.title, l.id LIMIT :most"
)
VERSIONS = text(
    "SELECT v.*, p.name AS who FROM layer_versions v LEFT JOIN people p ON p.id = v.actor_id"
    " WHERE v.layer_id = :layer ORDER BY v.id DESC LIMIT 50"
)
STYLES = text(
    "SELECT s.id, s.at, p.name AS who FROM layer_styles s LEFT JOIN people p ON p.id = s.actor_id"
    " WHERE s.layer_id = :layer ORDER BY s.id DESC LIMIT 50"
)
REPAIRS = text(
    "SELECT r.id, r.row, r.reason, r.facts, ST_AsGeoJSON(r.geom, 7)::jsonb AS geometry"
    " FROM layer_repairs r WHERE r.version_id = :version AND r.accepted_at IS NULL"
    " ORDER BY r.row, r.id LIMIT 200"
)
HOME = text(
    "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
    " FROM (SELECT ST_Extent(geom) AS e FROM areas) x WHERE e IS NOT NULL"
)
SAMPLE = text(
    "SELECT f.row, f.attributes, ST_AsGeoJSON(f.geom, 7)::jsonb AS geometry"
    " FROM layer_features f WHERE f.version_id = :version"
    " ORDER BY f.id LIMIT 2000"
)
IMPORTS = text(
    "SELECT b.*, p.name AS who FROM base_imports b LEFT JOIN people p ON p.id = b.actor_id"
    " ORDER BY b.id DESC LIMIT 30"
)
POSTS = text("SELECT code FROM posts ORDER BY position, code LIMIT 100")
VERSION = text(
    "SELECT v.* FROM layer_versions v JOIN layers l ON l.id = v.layer_id"
    " WHERE l.name = :name AND v.id = :version"
)


def _who(who: Actor) -> dict[str, Any]:
    return {"post": who.post, "every": who.may("layer.edit")}


def listed(session: Session, who: Actor) -> list[dict[str, Any]]:
    """Return every layer that ``who`` may know of, in drawing order."""
    rows = session.execute(LIST, {**_who(who), "most": MOST})
    return [public(dict(row._mapping)) for row in rows]


def one(session: Session, who: Actor, name: str) -> dict[str, Any]:
    """Return the layer ``name``, or raise ``NotFound`` if ``who`` may not know of it."""
    row = session.execute(ONE, {**_who(who), "name": name}).first()
    if row is None:
        raise NotFound(sentence("There is no layer “%(layer)s”."), layer=name[:80])
    return public(dict(row._mapping))


def public(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its times as text and the style it is drawn with."""
    found = {
        key: value.isoformat() if isinstance(value, date | datetime) else value
        for key, value in row.items()
    }
    if found.get("document") is None and found.get("name") != "base":
        found["document"] = styles.DEFAULT | PLAIN.get(str(found.get("name")), {})
    return found


def drawn(session: Session, who: Actor, *, english: bool) -> dict[str, Any]:
    """Return what a map needs: the layers ``who`` may switch on, and the colours of the base map.

    A layer carries MapLibre's layers for each ground, and its legend.
    """
    rows = session.execute(SHOWN, {**_who(who), "most": MOST}).all()
    base = next((row.document for row in rows if row.name == "base"), None)
    return {
        "title": translate("Layers"),
        "tokens": (base or {}).get("tokens", {}),
        "hidden": sorted(SYSTEM - {row.name for row in rows}),
        "items": [_drawn(row, english) for row in rows if row.is_own or row.name in PLAIN],
    }


def _drawn(row: Any, english: bool) -> dict[str, Any]:
    document = styles.DEFAULT | (row.document or PLAIN.get(row.name, {}))
    zooms = (row.min_zoom, row.max_zoom)
    return {
        "name": row.name,
        "title": (english and row.title_en) or row.title or row.name,
        "source": row.source,
        "min_zoom": row.min_zoom,
        "layers": {g: styles.drawn(row.name, document, g, zooms) for g in styles.GROUNDS},
        "legend": [
            {"label": one["label"] or one["value"], "color": one["color"]}
            for one in document["classes"]["rows"]
        ]
        or [{"label": "", "color": document["color"]}],
    }


def _edge(light: str, dark: str) -> dict[str, Any]:
    hues = {"light": light, "dark": dark, "wall": dark}
    return {"color": hues, "outline": hues, "width": 3.0, "opacity": 0.06, "label": "name"}


PLAIN: dict[str, dict[str, Any]] = {
    "beats": _edge("#6b4bb3", "#b79bff"),
    "zones": _edge("#0a6470", "#38d3e0"),
}
"""How beats and zones look where nobody chose anything else: a thick edge, hardly filled."""


def versions(session: Session, layer: int) -> list[dict[str, Any]]:
    """Return the versions of a layer, newest first."""
    return [public(dict(row._mapping)) for row in session.execute(VERSIONS, {"layer": layer})]


def saved_styles(session: Session, layer: int) -> list[dict[str, Any]]:
    """Return the styles of a layer as they were saved, newest first."""
    return [public(dict(row._mapping)) for row in session.execute(STYLES, {"layer": layer})]


def version(session: Session, name: str, number: int) -> dict[str, Any]:
    """Return one version of the layer ``name``, or raise ``NotFound``."""
    row = session.execute(VERSION, {"name": name, "version": number}).first()
    if row is None:
        raise NotFound(sentence("There is no such version of the layer."), version=number)
    return public(dict(row._mapping))


def repairs(session: Session, number: int) -> list[dict[str, Any]]:
    """Return the repairs offered for version ``number``, with the repaired shape as GeoJSON."""
    rows = session.execute(REPAIRS, {"version": number})
    return [dict(row._mapping) | {"reason": translate(row.reason, **row.facts)} for row in rows]


def sample(session: Session, number: int) -> dict[str, Any]:
    """Return the first 2 000 features of a version as GeoJSON, to look at before publishing."""
    rows = session.execute(SAMPLE, {"version": number})
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": r.geometry,
                "properties": {**r.attributes, "row": r.row},
            }
            for r in rows
        ],
    }


def base_imports(session: Session) -> list[dict[str, Any]]:
    """Return the latest imports of the base map, newest first."""
    return [public(dict(row._mapping)) for row in session.execute(IMPORTS)]


def home(session: Session) -> Extent | None:
    """Return where the city is (west, south, east, north in degrees), None if no area is known."""
    found = session.execute(HOME).first()
    return tuple(found) if found else None


def posts(session: Session) -> list[str]:
    """Return the codes of the posts that a layer may be reserved for."""
    return list(session.scalars(POSTS))
