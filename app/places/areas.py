"""Importing the ground of districts, streets and communities from any map file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk, mappings, rows, shapes, sql
from app.kernel.bulk import PutAside, Run, in_english
from app.kernel.errors import Refused, sentence
from app.kernel.opening import opened
from app.kernel.rows import Table
from gis.crs import Floats
from gis.faults import Reason
from gis.mesh import GRID_DIGITS, Scale
from gis.shapes import Repair, Terms
from gis.ways import Way
from grid_codes.divisions import LENGTHS, Level

LEVELS = {"district": Level.DISTRICT, "street": Level.STREET, "community": Level.COMMUNITY}
KNOWN: mappings.Known = {
    "columns": frozenset({"code", "name", "within"}),
    "coord_sys": str,
    "layer": str,
}
USUAL = {
    "code": ("code", "adcode", "code2020", "区划代码", "编码", "代码"),
    "name": ("name", "street", "community", "name2020", "名称"),
    "within": ("within", "county", "district", "parent_name", "所属区"),
}
"""How the columns are usually called, where no mapping says it."""
STORE = text(sql.read(Path(__file__).parent, "store_area"))
FORGET = text(
    "DELETE FROM areas WHERE code IS NULL AND level = :level AND name = :name"
    " AND within IS NOT DISTINCT FROM :within"
)
NAME_IT = text(
    "INSERT INTO divisions (code, name, level, parent_code)"
    " VALUES (:code, :name, :depth, left(:code, :above)) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """One area of a file, as it is to be stored."""

    row: int
    code: str | None
    name: str
    within: str | None
    shape: MultiPolygon


def import_areas(
    session: Session,
    path: Path,
    *,
    level: str,
    coord_sys: str | None,
    mapping: Path | None,
    folder: Path,
    say: Callable[..., str] = in_english,
) -> Run:
    """Store the polygons in ``path`` as areas of ``level`` and return the report.

    A code that is stored already gets the new shape and name.  An area without a code is kept,
    with a warning: it can be shown, but holds no cells.
    """
    chosen = mappings.read(mapping, KNOWN)
    with bulk.importing(session, f"areas {level}", path, folder, ("code", "name"), say) as run:
        with opened(path, layer=chosen.get("layer")) as table:
            terms = shapes.terms_of(table, chosen, coord_sys)
            terms = replace(terms, way=Way(_on_grid(terms.way), terms.way.projected))
            found = list(_grounds(table, _columns(table, chosen["columns"]), terms, level, run))
        run.stored = len(found)
        _store(session, found, level)
        for ground in found:
            if ground.code is None:
                named = f"{ground.within or ''}{ground.name}"
                run.warn(
                    sentence("%(name)s (row %(row)s): no code, cannot hold cells until it has one"),
                    name=named,
                    row=ground.row,
                )
    return run


def _columns(table: Table, chosen: dict[str, str]) -> dict[str, str | None]:
    if not table.has_shapes:
        raise Refused(
            sentence("The file holds no shapes. Export it as GeoJSON, GeoPackage or Shapefile.")
        )
    found = table.columns_for(USUAL, chosen)
    # A file without any columns is judged row by row: its shapes have faults of their own.
    if found["name"] is None and table.columns:
        raise Refused(
            sentence(
                "No column looks like a name. Say in a mapping which it is; the file has:"
                " %(columns)s."
            ),
            columns=", ".join(table.columns),
        )
    return found


def _grounds(
    table: Table, columns: dict[str, str | None], terms: Terms, level: str, run: Run
) -> Iterator[Ground]:
    """Yield every area that may be stored; the others are put aside with the reason."""
    taken: dict[str, int] = {}
    for batch in run.batches(table):
        judged = shapes.read(batch, columns, terms)
        named = [rows.texts(batch.column(columns[key])).to_pylist() for key in USUAL]
        for at, (row, given, name, within) in enumerate(
            zip(batch.numbers.tolist(), *named, strict=True)
        ):
            repair = judged.repairs.get(at)
            if repair is not None:
                _propose(run, row, judged.reasons[at], repair, given, name)
            try:
                _refuse_shape(judged.shapes[at], judged.reasons[at])
                code = _code(given, level)
                if code is not None and taken.setdefault(code, row) != row:
                    raise PutAside(
                        sentence("The code was given already, in row %(row)s."), row=taken[code]
                    )
                if code is None and name is None:
                    raise PutAside(sentence("The row has neither a code nor a name."))
                shape = MultiPolygon(list(shapely.get_parts(judged.shapes[at])))
                yield Ground(row, code, name or code or "", within, shape)
            except PutAside as fault:
                run.put_aside(row, fault, (given or "", name or ""), repair)


def _on_grid(way: Way) -> Callable[[Floats, Floats], tuple[Floats, Floats]]:
    """Return ``way`` onto the common grid: neighbours share their vertices to the last digit."""

    def move(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lon, lat = way(x, y)
        return np.round(lon, GRID_DIGITS), np.round(lat, GRID_DIGITS)

    return move


def _propose(
    run: Run, row: int, fault: Reason, repair: Repair, code: str | None, name: str | None
) -> None:
    ground = polygons_of(repair.shape)
    if ground is not None:
        area = round(Scale.around(ground).area(ground), 2)
        mended = Repair(repair.what, ground)
        run.propose(row, fault, mended, code=code, name=name, area_m2=area)


def polygons_of(shape: BaseGeometry) -> MultiPolygon | None:
    """Return what has an area of a repaired shape, None if nothing has."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area]
    return MultiPolygon(parts) if parts else None


def _code(given: str | None, level: str) -> str | None:
    """Return the code in the length of its level, or raise ``PutAside``.

    Registers also write 12 digits everywhere, filled up with zeros.
    """
    if given is None:
        return None
    length = LENGTHS[LEVELS[level]]
    if len(given) == 12 and given.isdigit() and not given[length:].strip("0"):
        given = given[:length]
    if len(given) != length or not given.isascii() or not given.isdigit():
        raise PutAside(
            sentence("%(code)s is no code of a %(level)s: that has %(length)s digits."),
            code=given,
            level=level,
            length=length,
        )
    return given


def _refuse_shape(shape: BaseGeometry, reason: Reason | None) -> None:
    """Raise why a judged shape is no ground."""
    if reason is not None:
        raise PutAside(reason.message, **reason.facts)
    if not isinstance(shape, Polygon | MultiPolygon):
        raise PutAside(sentence("The shape is a %(type)s, not a polygon."), type=shape.geom_type)


def _store(session: Session, grounds: list[Ground], level: str) -> None:
    """Store areas and, where the tree lacks them, the divisions they are the ground of."""
    length, depth = LENGTHS[LEVELS[level]], int(LEVELS[level])
    above = LENGTHS[Level(depth - 1)]
    plain = [_row(ground, level) for ground in grounds if ground.code is None]
    coded = [_row(ground, level) for ground in grounds if ground.code is not None]
    if plain or coded:
        session.execute(FORGET, plain + coded)
        session.execute(STORE, plain + coded)
    if coded:
        named = [{**row, "depth": depth, "above": above, "length": length} for row in coded]
        session.execute(NAME_IT, named)


def _row(ground: Ground, level: str) -> dict[str, Any]:
    return {
        "level": level,
        "code": ground.code,
        "name": ground.name,
        "within": ground.within,
        "geom": shapely.to_wkb(ground.shape, hex=True),
    }
