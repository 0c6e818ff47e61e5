"""Vector tiles: which layers there are and for whom, how fresh they are, what a tile holds."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, sentence

template = partial(sql.read, Path(__file__).parent)
MOST = 4
"""Layers that one request may ask for together."""
ONE_BY_ONE = 14
"""From this zoom on parts are drawn one by one; below it their counts are."""

FRESHNESS = (
    "SELECT l.name, l.is_own, l.posts, l.version_id, l.min_zoom, l.max_zoom,"
    " coalesce(v.n, 0) AS version, (SELECT last FROM feed_head) AS feed"
    " FROM layers l LEFT JOIN versions v ON v.name = l.name"
    " WHERE l.name = ANY(:names) AND (l.posts = '{}' OR :post = ANY(l.posts) OR :every)"
    " AND (NOT l.is_own OR l.version_id IS NOT NULL)"
)


def asked(layers: str, tile: tuple[int, int, int]) -> list[str]:
    """Return the names in ``layers``; raise ``NotFound`` if the tile lies beyond the world."""
    z, x, y = tile
    names = list(dict.fromkeys(layers.split(",")))
    if len(names) > MOST or not (0 <= z <= 22 and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(sentence("There is no such tile."), layer=layers[:80])
    return names


def found(session: Session, names: Sequence[str], who: Actor) -> list[Any]:
    """Return the register's rows of ``names``, or raise ``NotFound`` if ``who`` sees not all.

    An own layer is there once it is published; who edits layers sees those of all posts.
    """
    told = {"names": list(names), "post": who.post, "every": who.may("layer.edit")}
    rows = {row.name: row for row in sql.ask(session, FRESHNESS, told).rows}
    if len(rows) != len(names):
        raise NotFound(sentence("There is no such tile."), layer=",".join(names)[:80])
    return [rows[name] for name in names]


def tag(rows: Sequence[Any], tile: tuple[int, int, int], scope: str, at: datetime) -> str:
    """Return what changes whenever the tile may have: the layers' versions, for cases the feed.

    Lamps turn with the clock, so a tile of cases is never the same for more than a minute.
    """
    facts = []
    for row in rows:
        moving = row.name == "cases"
        lamps = (row.feed, at.replace(second=0, microsecond=0), scope) if moving else ()
        facts.append((row.name, row.version, row.version_id, row.min_zoom, row.max_zoom, *lamps))
    return hashlib.sha256(repr((tile, facts)).encode()).hexdigest()[:24]


def draw(
    session: Session,
    row: Any,
    tile: tuple[int, int, int],
    *,
    visible: tuple[list[str], dict[str, Any]],
    at: datetime,
) -> bytes:
    """Return the Mapbox vector tile of a layer at ``tile`` (zoom, column, row).

    Outside the layer's range of scales it is empty.
    """
    z, x, y = tile
    if not row.min_zoom <= z <= row.max_zoom:
        return b""
    bound: dict[str, Any] = {"z": z, "x": x, "y": y}
    if row.is_own:
        binds = bound | {"version": row.version_id, "name": row.name}
        return bytes(session.execute(text(template("own")), binds).scalar_one() or b"")
    name = "part_counts" if row.name == "parts" and z < ONE_BY_ONE else row.name
    clauses, limits = visible
    ask = template(name).replace("/*visible*/ true", " AND ".join(["true", *clauses]))
    bound |= {"at": at, **limits} if row.name == "cases" else {}
    return bytes(session.execute(text(ask), bound).scalar_one() or b"")
