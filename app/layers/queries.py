"""Vector tiles: which layers exist, how fresh they are, what a tile holds."""

import hashlib
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.errors import NotFound, sentence

template = partial(sql.read, Path(__file__).parent)
LAYERS = ("base", "cells", "beats", "zones", "parts", "cases")
ONE_BY_ONE = 14
"""From this zoom on parts are drawn one by one; below it their counts are."""

FRESHNESS = (
    "SELECT coalesce((SELECT n FROM versions WHERE name = :layer), 0) AS version,"
    " (SELECT last FROM feed_head) AS feed"
)


def check(layer: str, z: int, x: int, y: int) -> None:
    """Raise ``NotFound`` unless the layer exists and the tile lies on the world."""
    if layer not in LAYERS or not (0 <= z <= 22 and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(sentence("There is no such tile."), layer=layer)


def tag(session: Session, layer: str, tile: tuple[int, int, int], scope: str, at: datetime) -> str:
    """Return what changes whenever the tile may have: the layer's version, for cases the feed.

    Lamps turn with the clock, so a tile of cases is never the same for more than a minute.
    """
    fresh = sql.ask(session, FRESHNESS, {"layer": layer}).one()
    moving = (fresh.feed, at.replace(second=0, microsecond=0)) if layer == "cases" else ()
    facts = repr((layer, tile, fresh.version, *moving, scope if layer == "cases" else ""))
    return hashlib.sha256(facts.encode()).hexdigest()[:24]


def draw(
    session: Session,
    layer: str,
    tile: tuple[int, int, int],
    *,
    visible: tuple[list[str], dict[str, Any]],
    at: datetime,
) -> bytes:
    """Return the Mapbox vector tile of ``layer`` at ``tile`` (zoom, column, row)."""
    z, x, y = tile
    name = "part_counts" if layer == "parts" and z < ONE_BY_ONE else layer
    clauses, binds = visible
    ask = template(name).replace("/*visible*/ true", " AND ".join(["true", *clauses]))
    bound = {"z": z, "x": x, "y": y} | ({"at": at, **binds} if layer == "cases" else {})
    return bytes(session.execute(text(ask), bound).scalar_one() or b"")
