"""Importing the ground of districts, streets and communities from any map file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk, mappings, rows, sql
from app.kernel.bulk import PutAside, Run, in_english
from app.kernel.errors import Refused, sentence
from app.kernel.opening import opened
from app.kernel.rows import Batch, Table
from app.places.positions import Way, way_from
from gis.mesh import Scale, on_grid
from grid_codes.divisions import LENGTHS, Level

MOST_VERTICES = 200_000
MOST_PROPOSALS, MOST_PROPOSED_VERTICES = 20, 5_000
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
            way = way_from(table.crs, coord_sys or chosen.get("coord_sys", "cgcs2000"))
            found = list(_grounds(table, _columns(table, chosen["columns"]), way, level, run))
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
    found = {
        key: table.require(chosen[key]) if key in chosen else table.find(names)
        for key, names in USUAL.items()
    }
    if found["name"] is None:
        raise Refused(
            sentence(
                "No column looks like a name. Say in a mapping which it is; the file has:"
                " %(columns)s."
            ),
            columns=", ".join(table.columns),
        )
    return found


def _grounds(
    table: Table, columns: dict[str, str | None], way: Way, level: str, run: Run
) -> Iterator[Ground]:
    """Yield every area that may be stored; the others are put aside with the reason."""
    taken: dict[str, int] = {}
    for batch in table.batches:
        run.read += len(batch.numbers)
        named = [rows.texts(batch.column(columns[key])).to_pylist() for key in USUAL]
        for row, given, name, within, shape in zip(
            batch.numbers.tolist(), *named, _shapes(batch), strict=True
        ):
            try:
                code = _code(given, level)
                if code is not None and taken.setdefault(code, row) != row:
                    raise PutAside(
                        sentence("The code was given already, in row %(row)s."), row=taken[code]
                    )
                if code is None and name is None:
                    raise PutAside(sentence("The row has neither a code nor a name."))
                yield Ground(row, code, name or code or "", within, _polygons(shape, way))
            except Crossing as fault:
                _propose(run, row, given, name, fault)
                run.put_aside_for(row, fault, (given or "", name or ""))
            except PutAside as fault:
                run.put_aside_for(row, fault, (given or "", name or ""))


class Crossing(PutAside):
    """A shape that is not valid, but might be repaired."""

    def __init__(self, shape: BaseGeometry) -> None:
        reason = shapely.is_valid_reason(shape)
        super().__init__(sentence("The shape is not valid: %(reason)s."), reason=reason)
        self.shape = shape


def _propose(run: Run, row: int, code: str | None, name: str | None, fault: Crossing) -> None:
    """Keep how the shape would be repaired, for people to look at; the first few are enough."""
    few = shapely.get_num_coordinates(fault.shape) <= MOST_PROPOSED_VERTICES
    repaired = polygons_of(shapely.make_valid(fault.shape, method="structure")) if few else None
    if repaired is None or len(run.proposals) >= MOST_PROPOSALS:
        return
    run.proposals.append(
        {
            "row": row,
            "code": code,
            "name": name,
            "reason": run.say(fault.message, **fault.facts),
            "area_m2": round(Scale.around(repaired).area(repaired), 2),
            "geometry": shapely.geometry.mapping(repaired),
        }
    )


def polygons_of(shape: BaseGeometry) -> MultiPolygon | None:
    """Return what has an area of a repaired shape, None if nothing has."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area]
    return MultiPolygon(parts) if parts else None


def _shapes(batch: Batch) -> list[BaseGeometry | None]:
    return [None] * len(batch.numbers) if batch.shapes is None else list(batch.shapes)


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


def _polygons(shape: BaseGeometry | None, way: Way) -> MultiPolygon:
    """Return ``shape`` in EPSG:4490 on the common grid, or raise why it is no ground."""
    if shape is None or shape.is_empty:
        raise PutAside(sentence("The row has no shape that can be read: is a ring not closed?"))
    if not isinstance(shape, Polygon | MultiPolygon):
        raise PutAside(sentence("The shape is a %(type)s, not a polygon."), type=shape.geom_type)
    if (count := shapely.get_num_coordinates(shape)) > MOST_VERTICES:
        raise PutAside(
            sentence("The shape has %(count)s vertices, more than %(most)s. Simplify it."),
            count=count,
            most=MOST_VERTICES,
        )
    moved = on_grid(_moved(shape, way))
    if not moved.is_valid:
        raise Crossing(moved)
    return MultiPolygon(list(shapely.get_parts(moved)))


def _moved(shape: BaseGeometry, way: Way) -> BaseGeometry:
    coords = shapely.get_coordinates(shape)
    if not np.isfinite(coords).all():
        raise PutAside(sentence("A coordinate is not finite."))
    if not way.projected and (np.abs(coords) > (180, 90)).any():
        raise PutAside(
            sentence("The numbers are no degrees: they look like metres or feet of a map grid.")
        )
    return shapely.transform(shape, lambda c: np.column_stack(way(c[:, 0], c[:, 1])))


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
