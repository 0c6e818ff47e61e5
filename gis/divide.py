"""Dividing areas into cells (单元网格): gapless, without overlap, along given lines.

Lines (streets, water) cut an area into blocks; blocks much larger than the target are cut across
their long axis into equal shares; slivers join a neighbour.  No cell crosses the border of its
area, and neighbours have the same vertices, also across that border.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from gis.crs import Floats
from gis.faults import GeometryFault
from gis.join import SMALLEST_AREA, join_slivers
from gis.mesh import GRID, REACH, Scale, on_grid, share_vertices

TARGET_AREA = 10_000.0
# In targets; a larger block is cut.
LARGEST_AREA = 1.8
# Degrees: lines are drawn to 0.1 m, and what runs nearer than that to a border is the border.
LINE_GRID = 1e-6
MARGIN = 1e-6
# Halvings of the search for a cut: 2^-30 of a 10 km block is a hundredth of a millimetre.
SEARCH_ROUNDS = 30
# Square metres: however many parts a place has, an inspector walks no smaller cell.
LEAST_BALANCED = 2_000.0


@dataclass(frozen=True, slots=True)
class Parts:
    """Where parts are (EPSG:4490): each weighs as much ground as there is to a part on average.

    So ground and parts count for half each, and a cell with many parts comes out smaller.
    """

    tree: shapely.STRtree
    worth: float

    @classmethod
    def of(cls, places: Floats, areas: Iterable[Polygon | MultiPolygon]) -> "Parts":
        """Return ``places`` (n, 2) weighed over the ground of ``areas``."""
        grounds = [area for area in areas if not area.is_empty]
        points = cast(np.ndarray, shapely.points(places.reshape(-1, 2)))
        within = np.unique(shapely.STRtree(points).query(grounds, predicate="intersects")[1])
        ground = sum(Scale.around(area).area(area) for area in grounds)
        return cls(shapely.STRtree(points[within]), ground / max(1, len(within)))

    def inside(self, block: Polygon) -> Floats:
        """Return the places in ``block`` (n, 2)."""
        found = self.tree.query(block, predicate="intersects")
        return shapely.get_coordinates(self.tree.geometries.take(found))


def divide(
    area: Polygon | MultiPolygon,
    lines: Iterable[LineString] = (),
    target_area: float = TARGET_AREA,
) -> list[Polygon]:
    """Return the cells of one area (EPSG:4490) of about ``target_area`` square metres each."""
    return divide_all({"": area}, lines, target_area)[""]


def divide_all(
    areas: Mapping[str, Polygon | MultiPolygon],
    lines: Iterable[LineString] = (),
    target_area: float = TARGET_AREA,
    *,
    parts: Floats | None = None,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, list[Polygon]]:
    """Return the cells of each area; areas that touch share the vertices of their border.

    ``parts`` are places (n, 2) by which cells are balanced beside their area; ``tell`` hears how
    many areas are done, and may raise to stop.  Raises ``GeometryFault`` for an area that is not
    valid and for a target that is not positive.
    """
    if not target_area > 0:
        raise GeometryFault("The area of a cell must be more than 0 square metres.")
    tree = shapely.STRtree(list(lines))
    weighed = Parts.of(parts, areas.values()) if parts is not None else None
    if weighed is not None and not len(weighed.tree):
        weighed = None
    cells: dict[str, list[Polygon]] = {}
    for done, (code, area) in enumerate(areas.items()):
        tell(done, len(areas))
        grounds = _parts(code, area)
        cells[code] = [cell for g in grounds for cell in _cells(g, tree, target_area, weighed)]
    shared = iter(share_vertices([cell for group in cells.values() for cell in group]))
    return {code: [next(shared) for _ in group] for code, group in cells.items()}


def number(cells: Sequence[Polygon]) -> list[int]:
    """Return the number of each cell from 1: rows from north to south, in a row west to east."""
    if not cells:
        return []
    scale = Scale.around(MultiPolygon(cells))
    centres = scale.metres(shapely.get_coordinates(shapely.centroid(cells)))
    row_height = np.sqrt(np.mean([scale.area(cell) for cell in cells]))
    rows = np.floor((centres[:, 1].max() - centres[:, 1]) / row_height)
    order = np.lexsort((centres[:, 1], centres[:, 0], rows))
    numbers = np.empty(len(cells), dtype=int)
    numbers[order] = np.arange(1, len(cells) + 1)
    return [int(n) for n in numbers]


def _parts(code: str, area: Polygon | MultiPolygon) -> list[Polygon]:
    if area.is_empty or not area.is_valid:
        raise GeometryFault(
            "The area %(code)s cannot be divided: %(reason)s. Correct its border first.",
            code=code,
            reason=shapely.is_valid_reason(area) if not area.is_valid else "it is empty",
        )
    return list(shapely.get_parts(on_grid(area)))


def _cells(
    part: Polygon, lines: shapely.STRtree, target: float, parts: Parts | None
) -> list[Polygon]:
    scale = Scale.around(part)
    near = lines.geometries[lines.query(part, predicate="intersects")]
    blocks = join_slivers(faces(part, _inner_lines(part, list(near))), scale, target)
    if parts is None:
        pieces = [piece for block in blocks for piece in _split(block, scale, target)]
        return join_slivers(pieces, scale, target)
    pieces = [piece for block in blocks for piece in _balanced(block, scale, target, parts)]
    return join_slivers(pieces, scale, min(target, LEAST_BALANCED / SMALLEST_AREA))


def _inner_lines(part: Polygon, lines: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return lines cut off at ``MARGIN`` from the border and led straight to it from there.

    Lines along the border, or along each other, would leave needles thinner than the grid.
    """
    inner = part.buffer(-MARGIN)
    kept = shapely.get_parts(shapely.union_all(lines, grid_size=LINE_GRID).intersection(inner))
    kept = kept[shapely.get_dimensions(kept) == 1]
    ends = np.concatenate([shapely.get_point(kept, 0), shapely.get_point(kept, -1)])
    ends = ends[shapely.dwithin(inner.boundary, ends, GRID)]
    return [*kept, *shapely.shortest_line(ends, part.boundary)]


def faces(block: Polygon, lines: Sequence[BaseGeometry]) -> list[Polygon]:
    """Return the pieces into which lines cut a block; a line that ends inside cuts nothing off."""
    edges = shapely.get_parts(shapely.union_all([block.boundary, *lines], grid_size=GRID))
    shapely.prepare(block)
    # A line that touches the border and leaves must not enclose anything outside.
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    inside = edges[shapely.dwithin(block, middles, REACH)]
    faces = shapely.get_parts(shapely.polygonize(inside))
    return list(faces[shapely.contains(block, shapely.point_on_surface(faces))])


def _split(block: Polygon, scale: Scale, target: float) -> list[Polygon]:
    """Return a block of more than ``LARGEST_AREA`` targets as equal shares near the target."""
    area = scale.area(block)
    if area <= LARGEST_AREA * target:
        return [block]
    count = max(2, round(area / target))
    share = area / count
    pieces = faces(block, [_cut(block, scale, share * (count // 2))])
    if len(pieces) == 1:
        return pieces
    return [cell for piece in pieces for cell in _split(piece, scale, share)]


def _balanced(block: Polygon, scale: Scale, target: float, parts: Parts) -> list[Polygon]:
    """Return a block halved by ground and parts until each piece has about a target of both."""
    area = scale.area(block)
    places = parts.inside(block)
    load = (area + parts.worth * len(places)) / 2
    if load <= LARGEST_AREA * target or area < 2 * LEAST_BALANCED:
        return [block]
    count = max(2, round(load / target))
    share = 2 * load * (count // 2) / count
    # Neither side may be less than the least cell, however the parts are heaped.
    marks = (scale.metres(places), parts.worth, LEAST_BALANCED)
    pieces = faces(block, [_cut(block, scale, share, marks)])
    if len(pieces) == 1:
        return pieces
    return [cell for piece in pieces for cell in _balanced(piece, scale, target, parts)]


def _cut(
    block: Polygon,
    scale: Scale,
    share: float,
    marks: tuple[Floats, float, float] | None = None,
) -> LineString:
    """Return the line across a block's long axis that has ``share`` square metres before it.

    ``marks`` are places (metres) that weigh so many square metres each, and the least ground on
    either side of the line.
    """
    axis = _long_axis(block, scale)
    across = np.array([-axis[1], axis[0]])
    rings = [scale.metres(shapely.get_coordinates(r)) for r in _rings(block)]
    origin = rings[0][0]
    along = [(ring - origin) @ axis for ring in rings]
    aside = [(ring - origin) @ across for ring in rings]
    if marks is None:
        at = _where(along, aside, share)
    else:
        at = _where_weighed(along, aside, share, ((marks[0] - origin) @ axis, *marks[1:]))
    reach = np.array([[aside[0].min() - 1], [aside[0].max() + 1]])
    return on_grid(LineString(scale.degrees(origin + at * axis + reach * across)))


def _rings(block: Polygon) -> list[BaseGeometry]:
    oriented = shapely.orient_polygons(block)
    return [oriented.exterior, *oriented.interiors]


def _long_axis(block: Polygon, scale: Scale) -> Floats:
    """Return the direction of the longer side of the narrowest box around a block."""
    frame = shapely.oriented_envelope(shapely.transform(block, scale.metres))
    corners = shapely.get_coordinates(frame)
    sides = corners[1:3] - corners[:2]
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longer: Floats = sides[lengths.argmax()] / lengths.max()
    return longer


def _where(along: list[Floats], aside: list[Floats], share: float) -> float:
    """Return the place on the axis before which ``share`` square metres of the rings lie."""
    low = np.concatenate([np.minimum(s[:-1], s[1:]) for s in along])
    high = np.concatenate([np.maximum(s[:-1], s[1:]) for s in along])
    width = np.concatenate([np.diff(w) for w in aside])
    near, far = float(low.min()), float(high.max())
    for _ in range(SEARCH_ROUNDS):
        middle = (near + far) / 2
        if _area_before(middle, low, high, width) < share:
            near = middle
        else:
            far = middle
    return (near + far) / 2


def _where_weighed(
    along: list[Floats], aside: list[Floats], share: float, marks: tuple[Floats, float, float]
) -> float:
    """Return the place before which ground and marks weigh ``share``, kept off both ends."""
    places, worth, least = np.sort(marks[0]), marks[1], marks[2]
    whole = _measure(along, aside)
    near, far = _where(along, aside, least), _where(along, aside, max(least, whole - least))
    for _ in range(SEARCH_ROUNDS):
        middle = (near + far) / 2
        before = _measure(along, aside, middle) + worth * np.searchsorted(places, middle)
        if before < share:
            near = middle
        else:
            far = middle
    return (near + far) / 2


def _measure(along: list[Floats], aside: list[Floats], at: float = np.inf) -> float:
    """Return the area of the rings before ``at``."""
    low = np.concatenate([np.minimum(s[:-1], s[1:]) for s in along])
    high = np.concatenate([np.maximum(s[:-1], s[1:]) for s in along])
    width = np.concatenate([np.diff(w) for w in aside])
    return _area_before(min(at, float(high.max())), low, high, width)


def _area_before(at: float, low: Floats, high: Floats, width: Floats) -> float:
    """Return the area before ``at`` by Green's theorem: the integral of min(along, at) d(aside).

    ``low`` and ``high`` are the ends of each edge on the axis, ``width`` its step aside.
    """
    span = np.where(high > low, high - low, 1.0)
    before = np.where(high > low, np.clip((at - low) / span, 0.0, 1.0), low <= at)
    mean = before * (low + np.minimum(high, at)) / 2 + (1 - before) * at
    return float(mean @ width)
