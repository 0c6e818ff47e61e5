"""Beats (责任网格): sets of cells with a shift and inspectors, drawn and balanced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit, bulk, sql
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.scopes import after_prefix
from app.places import cells as reading
from app.places.service import LOCK, redraw
from gis.regroup import regroup

HERE = Path(__file__).parent
BY = ("area", "parts", "cases")
"""What beats are evened out by: square metres, parts, or cases of the last 90 days."""
SHIFTS = text("SELECT id, name, begins, ends FROM shifts ORDER BY id LIMIT 50")
BEATS = text(sql.read(HERE, "beats"))
WEIGHTS = text(sql.read(HERE, "workload"))
STRAY = text(
    "SELECT c.code FROM cells c LEFT JOIN beat_cells b ON b.cell = c.code AND b.shift_id = :shift"
    " WHERE c.ended_on IS NULL AND b.cell IS NULL AND c.code >= :within AND c.code < :end"
    " ORDER BY c.code LIMIT 500"
)
NEW = text(
    "INSERT INTO beats (shift_id, name, district, geom) VALUES (:shift, :name, :district,"
    " ST_Multi((SELECT ST_Union(geom) FROM cells WHERE code = ANY(:codes)))) RETURNING id"
)
PUT = text(
    "INSERT INTO beat_cells (shift_id, cell, beat_id)"
    " SELECT :shift, code, :beat FROM unnest(CAST(:codes AS text[])) code"
    " ON CONFLICT (shift_id, cell) DO UPDATE SET beat_id = excluded.beat_id"
)
EMPTIED = text(
    "DELETE FROM beats b WHERE b.shift_id = :shift AND b.district = :district"
    " AND NOT EXISTS (SELECT FROM beat_cells c WHERE c.beat_id = b.id)"
)
LEAVE = text("DELETE FROM beat_cells WHERE shift_id = :shift AND cell >= :within AND cell < :end")
INSPECTORS = text(
    "SELECT id, name FROM people WHERE post = 'inspector' AND active ORDER BY name, id LIMIT 1000"
)
TOUCHED = text("SELECT DISTINCT beat_id FROM beat_cells WHERE cell = ANY(:codes)")


@dataclass(frozen=True, slots=True)
class Regrouping:
    """How a district is to be shared out: into ``count`` beats of a shift, even by ``by``."""

    within: str
    shift: int
    count: int
    by: str


def shifts(session: Session) -> list[dict[str, Any]]:
    """Return the shifts in order; the first is the one that places are told of."""
    return [
        {"id": r.id, "name": r.name, "begins": f"{r.begins:%H:%M}", "ends": f"{r.ends:%H:%M}"}
        for r in session.execute(SHIFTS)
    ]


def add_shift(session: Session, actor: Actor, name: str, begins: str, ends: str) -> dict[str, Any]:
    """Add a shift from ``begins`` to ``ends`` (HH:MM; a night shift ends before it begins)."""
    hours = {"name": name, "begins": _clock(begins, "begins"), "ends": _clock(ends, "ends")}
    found = session.execute(
        text(
            "INSERT INTO shifts (name, begins, ends) VALUES (:name, :begins, :ends)"
            " ON CONFLICT (name) DO UPDATE SET begins = excluded.begins, ends = excluded.ends"
            " RETURNING id"
        ),
        hours,
    ).scalar_one()
    audit.note(session, actor, "shift.store", name)
    return next(s for s in shifts(session) if s["id"] == found)


def _clock(given: str, field: str) -> time:
    try:
        return time.fromisoformat(f"{given:0>5}")
    except ValueError:
        raise Refused(sentence("Write the time of day as HH:MM, for example 08:00.")).about(
            field
        ) from None


def listed(session: Session, within: str, shift: int) -> dict[str, Any]:
    """Return the beats of ``shift`` below ``within``, and the cells that are in none."""
    asked = {"within": within, "end": after_prefix(within) if within else "~", "shift": shift}
    rows = session.execute(BEATS, asked).mappings()
    items = [{**dict(row), "area_m2": float(row["area_m2"] or 0)} for row in rows]
    return {"items": items, "stray": list(session.scalars(STRAY, asked))}


def inspectors(session: Session) -> list[dict[str, Any]]:
    """Return everyone who can be the inspector of a beat."""
    return [dict(row) for row in session.execute(INSPECTORS).mappings()]


def assign(
    session: Session, actor: Actor, *, shift: int, name: str, cells: Sequence[str]
) -> dict[str, Any]:
    """Put ``cells`` into the beat ``name`` of a shift, made if there is none; return it."""
    session.execute(LOCK)
    _require_shift(session, shift)
    _in_use(session, actor, cells)
    former = session.execute(
        text("SELECT id, district FROM beats WHERE shift_id = :shift AND name = :name"),
        {"shift": shift, "name": name},
    ).first()
    beat = former.id if former else None
    # Its ground grows by these cells: it must be the actor's as much as they are.
    actor.require("place.edit", at=former.district if former else cells[0])
    touched = set(session.scalars(TOUCHED, {"codes": list(cells)}))
    district = cells[0][:6]
    if beat is None:
        made = {"shift": shift, "name": name, "district": district, "codes": list(cells)}
        beat = session.execute(NEW, made).scalar_one()
    session.execute(PUT, {"shift": shift, "beat": beat, "codes": list(cells)})
    session.execute(EMPTIED, {"shift": shift, "district": district})
    left = session.scalars(
        text("SELECT min(cell) FROM beat_cells WHERE beat_id = ANY(:ids) GROUP BY beat_id"),
        {"ids": sorted(touched)},
    )
    redraw(session, [*cells, *left])
    audit.note(session, actor, "beat.assign", f"{name}: {len(cells)}")
    return {"id": beat, "name": name, "cells": len(cells)}


def _require_shift(session: Session, shift: int) -> None:
    """Raise ``NotFound`` unless there is a shift of this number."""
    asked = text("SELECT 1 FROM shifts WHERE id = :shift")
    if session.execute(asked, {"shift": shift}).first() is None:
        raise NotFound(sentence("There is no such shift."), shift=shift).about("shift")


def _in_use(session: Session, actor: Actor, codes: Sequence[str]) -> None:
    """Raise unless all ``codes`` are cells in use in the actor's area."""
    for code in codes:
        actor.require("place.edit", at=code)
    found = {row.code for row in session.execute(reading.CHOSEN, {"codes": list(codes)})}
    if lost := sorted(set(codes) - found):
        raise NotFound(sentence("There is no cell %(cell)s in use."), cell=lost[0]).about("cells")
    if not codes:
        raise Refused(sentence("Choose at least one cell.")).about("cells")


def appoint(session: Session, actor: Actor, beat: int, people: Sequence[int]) -> None:
    """Make ``people`` the inspectors of a beat, and nobody else."""
    district = session.execute(
        text("SELECT district FROM beats WHERE id = :beat FOR UPDATE"), {"beat": beat}
    ).scalar()
    if district is None:
        raise NotFound(sentence("There is no such beat."), beat=beat)
    actor.require("place.edit", at=district)
    known = {row["id"] for row in inspectors(session)}
    if strangers := sorted(set(people) - known):
        raise Refused(sentence("Person %(person)s is no inspector."), person=strangers[0])
    session.execute(text("DELETE FROM beat_inspectors WHERE beat_id = :beat"), {"beat": beat})
    rows = [{"beat": beat, "person": person} for person in sorted(set(people))]
    if rows:
        session.execute(
            text("INSERT INTO beat_inspectors (beat_id, person_id) VALUES (:beat, :person)"), rows
        )
    audit.note(session, actor, "beat.appoint", f"{beat}: {sorted(set(people))}")


def balance(session: Session, actor: Actor, wanted: Regrouping) -> dict[str, Any]:
    """Share the cells of a district out into contiguous beats of even work; return the loads.

    Former beats of the district and shift keep their inspectors where their names stay.
    """
    bulk.unhurried(session)
    session.execute(LOCK)
    actor.require("place.edit", at=wanted.within)
    _require_shift(session, wanted.shift)
    rows = _weighed(session, wanted)
    codes = [row.code for row in rows]
    weights = [float(row.weight) for row in rows]
    found = regroup([reading.polygon(row.geom) for row in rows], weights, wanted.count)
    asked = {"within": wanted.within, "end": after_prefix(wanted.within), "shift": wanted.shift}
    session.execute(LEAVE, asked)
    loads = [0.0] * wanted.count
    for group in range(wanted.count):
        mine = [code for code, g in zip(codes, found, strict=True) if g == group]
        loads[group] = sum(w for w, g in zip(weights, found, strict=True) if g == group)
        _fill(session, wanted, group + 1, mine)
    session.execute(EMPTIED, {"shift": wanted.shift, "district": wanted.within[:6]})
    redraw(session, codes)
    audit.note(session, actor, "beat.balance", f"{wanted.within}: {wanted.count}")
    return {"beats": wanted.count, "cells": len(codes), **_spread(loads)}


def _weighed(session: Session, wanted: Regrouping) -> list[Any]:
    asked = {"within": wanted.within, "end": after_prefix(wanted.within), "by": wanted.by}
    rows = list(session.execute(WEIGHTS, asked))
    if not rows:
        raise Refused(
            sentence("There are no cells below %(within)s. Make them first."), within=wanted.within
        )
    return rows


def _fill(session: Session, wanted: Regrouping, serial: int, codes: Sequence[str]) -> None:
    name = f"{wanted.within}-{serial:03d}"
    told: Mapping[str, Any] = {"shift": wanted.shift, "name": name}
    beat = session.execute(
        text("SELECT id FROM beats WHERE shift_id = :shift AND name = :name"), told
    ).scalar()
    if beat is None:
        made = {**told, "district": wanted.within[:6], "codes": list(codes)}
        beat = session.execute(NEW, made).scalar_one()
    session.execute(PUT, {"shift": wanted.shift, "beat": beat, "codes": list(codes)})


def _spread(loads: Sequence[float]) -> dict[str, float]:
    """Return the lightest, mean and heaviest load."""
    mean = sum(loads) / len(loads)
    return {"least": round(min(loads), 1), "mean": round(mean, 1), "most": round(max(loads), 1)}
