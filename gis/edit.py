"""Changing cells by hand: split, merge, move a vertex; neighbours keep sharing their vertices.

Cells are polygons in EPSG:4490 by name.  Every change is a partition of the same ground as
before: what would leave a gap, an overlap or a broken shape raises ``GeometryFault``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely import LineString, Point, Polygon

from gis.check import LEAST_AREA, MOST_AREA
from gis.divide import MARGIN, faces
from gis.faults import GeometryFault
from gis.mesh import GRID, REACH, Scale, on_grid, share_vertices

Cells = Mapping[str, Polygon]
# Square metres that rounding to the grid may move along the border of one cell.
ROUNDING = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """What a change makes of cells: pieces that replace ``ended``, in pairs of origins and shape.

    ``kept`` are neighbours whose ground is the same, with vertices the pieces brought them.
    """

    ended: tuple[str, ...]
    begun: tuple[tuple[tuple[str, ...], Polygon], ...]
    kept: Mapping[str, Polygon]


def split(chosen: Cells, line: LineString, around: Cells) -> Change:
    """Return ``chosen`` cut along ``line``; a cell that the line does not cross stays as it is."""
    pieces: list[tuple[tuple[str, ...], Polygon]] = []
    cut = []
    for code, cell in chosen.items():
        parts = _pieces(cell, line)
        if len(parts) > 1:
            cut.append(code)
            pieces += [((code,), part) for part in parts]
    if not cut:
        raise GeometryFault(
            "The line cuts none of the chosen cells in two. Draw it from border to border."
        )
    whole = {code: cell for code, cell in chosen.items() if code not in cut}
    return _meshed(tuple(cut), pieces, {**whole, **around})


def _pieces(cell: Polygon, line: LineString) -> list[Polygon]:
    """Return the parts of ``cell`` on either side of ``line``, which may overshoot a little."""
    crossing = shapely.get_parts(shapely.intersection(line, cell.buffer(MARGIN)))
    inner = [part for part in crossing if part.length > GRID]
    return faces(cell, [on_grid(_reaching(part, cell)) for part in inner]) if inner else [cell]


def _reaching(part: LineString, cell: Polygon) -> LineString:
    """Return ``part`` with each end that lies within ``MARGIN`` of the border led just over it."""
    coords = shapely.get_coordinates(part)
    for at, before in ((0, 1), (-1, -2)):
        end = Point(coords[at])
        if shapely.dwithin(cell.boundary, end, 2 * MARGIN):
            along = coords[at] - coords[before]
            coords[at] = coords[at] + along / max(np.hypot(*along), GRID) * 2 * MARGIN
    return LineString(coords)


def merge(chosen: Cells, around: Cells) -> Change:
    """Return two or more neighbouring cells as one."""
    if len(chosen) < 2:
        raise GeometryFault("Choose two or more cells to merge.")
    united = shapely.union_all(share_vertices(list(chosen.values())))
    if not isinstance(united, Polygon):
        raise GeometryFault("The chosen cells do not all share a border. Choose neighbours.")
    return _meshed(tuple(chosen), [(tuple(chosen), united)], around)


def owners(cells: Cells, vertex: tuple[float, float]) -> list[str]:
    """Return the cells on whose border ``vertex`` lies, within half a millimetre."""
    point = Point(vertex)
    return [code for code, cell in cells.items() if shapely.dwithin(cell.boundary, point, REACH)]


def move(
    cells: Cells, vertex: tuple[float, float], to: tuple[float, float], fixed: shapely.Geometry
) -> Change:
    """Return the cells that meet at ``vertex`` with it moved ``to``; all of them move together.

    A place on an edge that is no vertex yet becomes one.  ``fixed`` are lines that no vertex may
    be moved off: the borders of communities.
    """
    if shapely.dwithin(fixed, Point(vertex), MARGIN):
        raise GeometryFault(
            "This vertex lies on the border of a community, which no cell may cross."
            " Change the community's area first."
        )
    chosen = owners(cells, vertex)
    if not chosen:
        raise GeometryFault("No cell has a border at this place. Choose a vertex on the map.")
    before = share_vertices([_with_vertex(cells[code], vertex) for code in chosen])
    after = [_moved(cell, vertex, to) for cell in before]
    _check_same_ground(before, after)
    around = {code: cell for code, cell in cells.items() if code not in chosen}
    return _meshed(tuple(chosen), list(zip([(c,) for c in chosen], after, strict=True)), around)


def _with_vertex(cell: Polygon, vertex: tuple[float, float]) -> Polygon:
    """Return ``cell`` with ``vertex`` in the nearest edge of each ring it lies on."""

    def add(ring: LineString) -> np.ndarray:
        coords = shapely.get_coordinates(ring)
        if not shapely.dwithin(ring, Point(vertex), REACH) or _at(coords, vertex).any():
            return coords
        lines = cast(np.ndarray, shapely.linestrings(np.stack([coords[:-1], coords[1:]], axis=1)))
        nearest = int(shapely.distance(lines, Point(vertex)).argmin())
        return np.insert(coords, nearest + 1, vertex, axis=0)

    return Polygon(add(cell.exterior), [add(ring) for ring in cell.interiors])


def _at(coords: np.ndarray, vertex: tuple[float, float]) -> np.ndarray:
    return np.asarray((np.abs(coords - vertex) <= REACH).all(axis=1))


def _moved(cell: Polygon, vertex: tuple[float, float], to: tuple[float, float]) -> Polygon:
    target = np.round(to, 9)
    return shapely.transform(cell, lambda c: np.where(_at(c, vertex)[:, None], target, c))


def _check_same_ground(before: Sequence[Polygon], after: Sequence[Polygon]) -> None:
    """Raise ``GeometryFault`` unless the cells still cover what they covered, each once."""
    if all(cell.is_valid for cell in after):
        scale = Scale.around(before[0])
        changed = shapely.union_all(before).symmetric_difference(shapely.union_all(after))
        surplus = sum(scale.area(c) for c in after) - sum(scale.area(c) for c in before)
        if scale.area(changed) < ROUNDING and abs(surplus) < ROUNDING:
            return
    raise GeometryFault(
        "Moved there, the vertex would make borders cross. Move it less far, or in two steps."
    )


def _meshed(
    ended: tuple[str, ...],
    pieces: Sequence[tuple[tuple[str, ...], Polygon]],
    around: Cells,
) -> Change:
    """Return the change with all vertices shared, or raise if a piece is no cell."""
    shared = share_vertices([on_grid(p) for _, p in pieces] + list(around.values()))
    begun = shared[: len(pieces)]
    for piece in begun:
        _check_piece(piece)
    kept = dict(zip(around, shared[len(pieces) :], strict=True))
    changed = {
        code: cell
        for code, cell in kept.items()
        if shapely.get_num_coordinates(cell) != shapely.get_num_coordinates(around[code])
        or not shapely.equals_exact(cell, around[code])
    }
    named = tuple(zip((origins for origins, _ in pieces), begun, strict=True))
    return Change(ended, named, changed)


def _check_piece(piece: Polygon) -> None:
    if not piece.is_valid:
        raise GeometryFault("A border of the result would cross itself. Draw it another way.")
    area = Scale.around(piece).area(piece)
    if not LEAST_AREA <= area <= MOST_AREA:
        raise GeometryFault(
            "A cell of %(area)s m² would result; cells have %(least)s to %(most)s m².",
            area=f"{area:.0f}",
            least=f"{LEAST_AREA:.0f}",
            most=f"{MOST_AREA:.0f}",
        )


def shared_again(cells: Cells, around: Cells) -> dict[str, Polygon]:
    """Return those of ``cells`` and ``around`` to which the other ones bring new vertices."""
    every = {**around, **cells}
    meshed = dict(zip(every, share_vertices(list(every.values())), strict=True))
    return {c: cell for c, cell in meshed.items() if not shapely.equals_exact(cell, every[c])}
