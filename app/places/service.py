"""Changing the grid: the one door through which a cell ends and another begins.

A code is never given to a second cell.  A changed cell ends its code and begins a new one; undoing
revives the very same cell under its own code (docs/adr/0009).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import shapely
from shapely import LineString, Polygon
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.kernel import attempts, audit, sql
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.places import cells as reading
from gis import edit
from gis.divide import number
from gis.edit import Change
from gis.mesh import Scale
from grid_codes.profiles import Profile, cell_code

HERE = Path(__file__).parent
MOST_CELLS = 60
"""Cells that one change may take; a redivision is a job."""
Xy = tuple[float, float]
# One change at a time: each takes some hundredths of a second, and neighbours must not change too.
LOCK = text("SELECT pg_advisory_xact_lock(715, 2)")
USED = text(
    "SELECT max(right(code, :width)) FROM cells"
    " WHERE community = :community AND right(code, :width) ~ '^[0-9]+$'"
)
OF_COMMUNITY = text(
    "SELECT code FROM cells WHERE ended_on IS NULL AND community = :community ORDER BY code"
)
MEETING = text(
    "SELECT code FROM cells WHERE ended_on IS NULL"
    " AND ST_DWithin(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), 0.00000001) ORDER BY code"
)
END = text("UPDATE cells SET ended_on = current_date, beat_id = NULL WHERE code = ANY(:codes)")
REVIVE = text("UPDATE cells SET ended_on = NULL WHERE code = ANY(:codes)")
BEGIN = text(
    "INSERT INTO cells (code, community, area_m2, grade, geom) VALUES (:code, :community, :area,"
    " :grade, ST_SetSRID(CAST(:geom AS geometry), 4490))"
)
RESHAPE = text(
    "UPDATE cells SET geom = ST_SetSRID(CAST(:geom AS geometry), 4490) WHERE code = :code"
)
CAME = text("INSERT INTO cell_lineage (new, old) VALUES (:new, :old) ON CONFLICT DO NOTHING")
CAME_BACK = text(
    "INSERT INTO cell_lineage (new, old) SELECT old, new FROM cell_lineage"
    " WHERE new = ANY(:gone) AND old = ANY(:back) ON CONFLICT DO NOTHING"
)
INHERIT = text(sql.read(HERE, "inherit_beats"))
INHERIT_ZONES = text(sql.read(HERE, "inherit_zones"))
FRESHEN = text(
    "INSERT INTO versions (name) SELECT unnest(CAST(:names AS text[]))"
    " ON CONFLICT (name) DO UPDATE SET n = versions.n + 1"
)
NOTE = text(
    "INSERT INTO cell_edits (actor_id, verb, community, ended, begun, undoes)"
    " VALUES (:actor, :verb, :community, :ended, :begun, :undoes) RETURNING id"
)
EDIT = text("SELECT id, community, ended, begun FROM cell_edits WHERE id = :id")
ENDED = text("SELECT code FROM cells WHERE code = ANY(:codes) AND ended_on IS NOT NULL FOR UPDATE")
ZONES = text(
    "SELECT count(DISTINCT coalesce(z.zone, '')) FROM unnest(CAST(:codes AS text[])) c (code)"
    " LEFT JOIN zone_members z ON starts_with(c.code, z.member)"
)


@dataclass(frozen=True, slots=True)
class Order:
    """A change somebody asks for: ``cells`` as they saw them, places in EPSG:4490."""

    verb: str
    cells: tuple[str, ...] = ()
    line: tuple[Xy, ...] = ()
    vertex: Xy | None = None
    to: Xy | None = None
    community: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the order as a retry is recognised by."""
        return {
            "verb": self.verb,
            "cells": list(self.cells),
            "line": [list(xy) for xy in self.line],
            "vertex": list(self.vertex or ()),
            "to": list(self.to or ()),
            "community": self.community,
        }


def edit_cells(
    session: Session, actor: Actor, order: Order, *, profile: Profile, key: UUID | None = None
) -> dict[str, Any]:
    """Carry out ``order`` and return the edit: ``id``, the codes ``ended`` and ``begun``.

    Raises ``Conflict`` if a cell was changed meanwhile, ``GeometryFault`` if no sound cells would
    result, ``Refused`` outside the actor's area or when a community has no codes left.
    """
    mark = attempts.fingerprint("/api/v1/cells/edits", order.plain())
    if told := attempts.former(session, actor, key, mark):
        return told
    session.execute(LOCK)
    named = _named(session, order)
    chosen = _chosen(session, actor, named, seen=order.cells)
    communities = {row.community for row in chosen.values()}
    change = _changed(session, order, chosen)
    if order.verb != "move" and len(communities) > 1:
        raise Refused(
            sentence("The chosen cells lie in several communities. Choose one at a time.")
        )
    begun = _begin(session, profile, chosen, change)
    return attempts.keep(session, actor, key, _settle(session, actor, order.verb, chosen, begun))


def _named(session: Session, order: Order) -> list[str]:
    """Return the codes of all cells that ``order`` changes."""
    if order.verb == "renumber":
        found = list(session.scalars(OF_COMMUNITY, {"community": order.community}))
    elif order.verb == "move" and order.vertex:
        at = {"lon": order.vertex[0], "lat": order.vertex[1]}
        found = list(session.scalars(MEETING, at))
    else:
        found = list(order.cells)
    if not found:
        raise Refused(sentence("There is no cell here that could be changed. Choose one first."))
    if order.verb != "renumber" and len(found) > MOST_CELLS:
        raise Refused(
            sentence("More than %(most)s cells would change. Choose fewer."), most=MOST_CELLS
        )
    return found


def _chosen(
    session: Session, actor: Actor, codes: Sequence[str], *, seen: Sequence[str]
) -> dict[str, Row[Any]]:
    """Return the cells in use, locked, or raise ``Conflict`` if they are not those seen."""
    for code in codes:
        actor.require("place.edit", at=code)
    rows = {row.code: row for row in session.execute(reading.CHOSEN, {"codes": list(codes)})}
    if set(rows) != set(codes) or (seen and set(seen) != set(codes)):
        _refuse_stale(sorted(set(seen or codes) ^ set(rows)) or list(seen))
    return rows


def _refuse_stale(codes: Sequence[str]) -> NoReturn:
    fault = Conflict(
        sentence("Somebody changed cell %(cell)s meanwhile. Look at the map again."),
        cell=codes[0],
    )
    fault.current = {"changed": list(codes)}
    raise fault


def _changed(session: Session, order: Order, rows: Mapping[str, Row[Any]]) -> Change:
    """Return what the pure rules make of the chosen cells."""
    chosen = {code: reading.polygon(row.geom) for code, row in rows.items()}
    near = reading.around(session, list(chosen))
    if order.verb == "renumber":
        return Change(tuple(chosen), tuple(((c,), cell) for c, cell in chosen.items()), {})
    if order.verb == "merge":
        if session.execute(ZONES, {"codes": list(chosen)}).scalar_one() > 1:
            raise Refused(sentence("The border of a zone runs between the chosen cells."))
        return edit.merge(chosen, near)
    if order.verb == "split":
        if len(order.line) < 2:
            raise Refused(sentence("Draw a line of two places or more.")).about("line")
        return edit.split(chosen, LineString(order.line), near)
    if order.vertex is None or order.to is None:
        raise Refused(sentence("Say which vertex moves, and where to.")).about("vertex")
    fixed = _community_borders(session, rows)
    return edit.move({**near, **chosen}, order.vertex, order.to, fixed)


def _community_borders(session: Session, rows: Mapping[str, Row[Any]]) -> shapely.Geometry:
    """Return the borders of the communities of ``rows``, as their cells draw them."""
    borders = []
    for community in sorted({row.community for row in rows.values()}):
        codes = list(session.scalars(OF_COMMUNITY, {"community": community}))
        found = session.execute(reading.CHOSEN, {"codes": codes})
        borders.append(shapely.union_all([reading.polygon(r.geom) for r in found]).boundary)
    return shapely.union_all(borders)


def _begin(
    session: Session, profile: Profile, rows: Mapping[str, Row[Any]], change: Change
) -> list[str]:
    """Store the new cells and their lineage, and end the former; return the new codes."""
    session.execute(END, {"codes": list(change.ended)})
    begun: list[dict[str, Any]] = []
    came: list[dict[str, str]] = []
    for community in sorted({rows[code].community for code in change.ended}):
        pieces = [p for p in change.begun if rows[p[0][0]].community == community]
        codes = _free(session, profile, community, [cell for _, cell in pieces])
        for code, (origins, cell) in zip(codes, pieces, strict=True):
            largest = max(origins, key=lambda c: (rows[c].area_m2, c))
            begun.append(_row(code, community, rows[largest].grade, cell))
            came += [{"new": code, "old": origin} for origin in origins]
    session.execute(BEGIN, begun)
    session.execute(CAME, came)
    _reshape(session, change.kept)
    return sorted(row["code"] for row in begun)


def _free(
    session: Session, profile: Profile, community: str, pieces: Sequence[Polygon]
) -> list[str]:
    """Return a code for each piece, in the order of ``number``, that no cell ever had."""
    width = profile.cell_lengths[-1]
    last = session.execute(USED, {"community": community, "width": width}).scalar()
    start = int(last or 0)
    if start + len(pieces) >= 10**width:
        raise Refused(
            sentence(
                "Community %(community)s has no cell numbers left: %(most)s were given already,"
                " and none is given twice. Use a further community code, or a profile with more"
                " digits."
            ),
            community=community,
            most=start,
        )
    return [cell_code(profile, community, start + n) for n in number(pieces)]


def _row(code: str, community: str, grade: str, cell: Polygon) -> dict[str, Any]:
    area = Scale.around(cell).area(cell)
    geom = shapely.to_wkb(cell, hex=True)
    return {"code": code, "community": community, "grade": grade, "area": area, "geom": geom}


def _reshape(session: Session, shapes: Mapping[str, Polygon]) -> None:
    for code, cell in shapes.items():
        session.execute(RESHAPE, {"code": code, "geom": shapely.to_wkb(cell, hex=True)})


def _settle(
    session: Session,
    actor: Actor,
    verb: str,
    ended: Iterable[str],
    begun: Sequence[str],
    *,
    undoes: int | None = None,
) -> dict[str, Any]:
    """Hand beats and zones on to the new cells, freshen the maps, and note the edit."""
    gone = sorted(ended)
    inherit(session, gone, begun)
    community = begun[0][:12]
    told = {"actor": actor.person_id, "verb": verb, "community": community}
    number_ = session.execute(
        NOTE, {**told, "ended": gone, "begun": list(begun), "undoes": undoes}
    ).scalar_one()
    audit.note(session, actor, f"cells.{verb}", f"{number_}: {' '.join(gone)}")
    return {"id": number_, "verb": verb, "ended": gone, "begun": list(begun)}


def inherit(session: Session, ended: Sequence[str], begun: Sequence[str]) -> None:
    """Put ``begun`` into the beats and zones of the cells they came from; redraw these."""
    codes = {"ended": list(ended), "begun": list(begun)}
    session.execute(INHERIT, codes)
    session.execute(INHERIT_ZONES, codes)
    redraw(session, begun)


REDRAW_BEATS = text(sql.read(HERE, "redraw_beats"))
REDRAW_ZONES = text(sql.read(HERE, "redraw_zones"))
SUMMARY = text(
    "UPDATE cells c SET beat_id = b.beat_id FROM beat_cells b WHERE c.code = ANY(:codes)"
    " AND b.cell = c.code AND b.shift_id = (SELECT min(id) FROM shifts)"
)


def redraw(session: Session, codes: Sequence[str]) -> None:
    """Let beats and zones of ``codes`` cover what their cells cover, and freshen the maps."""
    session.execute(SUMMARY, {"codes": list(codes)})
    session.execute(REDRAW_BEATS, {"codes": list(codes)})
    session.execute(REDRAW_ZONES, {"codes": list(codes)})
    session.execute(FRESHEN, {"names": ["cells", "beats", "zones"]})


def undo(
    session: Session, actor: Actor, number_: int, *, key: UUID | None = None
) -> dict[str, Any]:
    """Take edit ``number_`` back: its cells end, and the very cells before it are revived.

    Raises ``Conflict`` if one of its cells was changed since.  An undo can be undone.
    """
    mark = attempts.fingerprint(f"/api/v1/cells/edits/{number_}/undo", {})
    if told := attempts.former(session, actor, key, mark):
        return told
    session.execute(LOCK)
    found = session.execute(EDIT, {"id": number_}).first()
    if found is None:
        raise NotFound(sentence("There is no such change of the grid."), edit=number_)
    _chosen(session, actor, found.begun, seen=())
    back = set(session.scalars(ENDED, {"codes": found.ended}))
    if back != set(found.ended):
        _refuse_stale(sorted(set(found.ended) - back))
    session.execute(END, {"codes": found.begun})
    session.execute(REVIVE, {"codes": found.ended})
    session.execute(CAME_BACK, {"gone": found.begun, "back": found.ended})
    _share_again(session, found.ended)
    done = _settle(session, actor, "undo", found.begun, found.ended, undoes=number_)
    return attempts.keep(session, actor, key, done)


def _share_again(session: Session, revived: Sequence[str]) -> None:
    rows = session.execute(reading.CHOSEN, {"codes": list(revived)})
    cells = {row.code: reading.polygon(row.geom) for row in rows}
    _reshape(session, edit.shared_again(cells, reading.around(session, list(cells))))
