"""Judging the shapes of a stranger's file, by whole columns: moved, or put aside with a reason."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gis.crs import Floats
from gis.faults import Reason
from gis.ways import Way

Shapes = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Extent = tuple[float, float, float, float]
MOST_VERTICES = 200_000
"""Vertices of one shape: more than a district has, less than a page can draw."""
TAKEN = (0, 1, 3, 4, 5, 6)
"""Type numbers of GEOS: points, lines, polygons and collections of one of these."""
MULTIPOINT = 4
NO_SHAPE = Reason("The row has no shape that can be read: is a ring not closed?")
OPEN_RING = Reason("A ring is not closed.")
EMPTY = Reason("The shape is empty.")
MIXED = Reason("The shape mixes points, lines and areas.")
NOT_FINITE = Reason("A coordinate is not finite.")
NOWHERE = Reason("The position 0, 0 means that there was none.")
NO_DEGREES = Reason("The numbers are no degrees: they look like metres or feet of a map grid.")
SWAPPED = Reason("Longitude and latitude are swapped.")
WRONG_SIGN = Reason("The sign of a coordinate is wrong.")
ELSEWHERE = Reason("The position lies outside the expected extent.")
INVALID = Reason("The shape is not valid: %(why)s.")
CLOSE_RING = Reason("close the ring")
TURN = Reason("exchange longitude and latitude")
UNTANGLE = Reason("part the shape where it crosses itself")


@dataclass(frozen=True, slots=True)
class Terms:
    """How shapes come to EPSG:4490, and what of them is believed; extents are in degrees.

    Beyond ``extent`` nothing is.  ``home`` only tells axes that were exchanged.
    """

    way: Way
    extent: Extent | None = None
    home: Extent | None = None
    most: int = MOST_VERTICES


@dataclass(frozen=True, slots=True)
class Repair:
    """What would make a bad row a good one: what is done, a msgid, and the shape that comes."""

    what: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Judged:
    """Shapes in EPSG:4490 with the reason against each (None is sound), and repairs offered.

    A repair stands by the place of its row; whether it is taken is for a person to say.
    """

    shapes: Shapes
    reasons: Shapes
    repairs: dict[int, Repair]

    @property
    def good(self) -> Bools:
        """Say which rows may be stored."""
        return _free(self.reasons)


@dataclass(frozen=True, slots=True)
class _Column:
    """Positions as they came (``x``, ``y``), in EPSG:4490, and the terms they are judged by."""

    x: Floats
    y: Floats
    lon: Floats
    lat: Floats
    terms: Terms

    def inside(self, lon: Floats, lat: Floats) -> Bools:
        """Say which positions lie in the extent; all do where none is known."""
        west, south, east, north = self.terms.extent or (-np.inf, -np.inf, np.inf, np.inf)
        return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _swapped(c: _Column) -> Bools:
    if c.terms.extent is None:
        return (abs(c.lat) > 90) & (abs(c.lat) <= 180) & (abs(c.lon) <= 90)
    return ~c.inside(c.lon, c.lat) & c.inside(c.lat, c.lon)


def _wrong_sign(c: _Column) -> Bools:
    turned = c.inside(-c.lon, c.lat) | c.inside(-c.lon, -c.lat) | c.inside(c.lon, -c.lat)
    return ~c.inside(c.lon, c.lat) & turned


CHECKS: Mapping[Reason, Callable[[_Column], Bools]] = {
    NOT_FINITE: lambda c: ~(np.isfinite(c.x) & np.isfinite(c.y)),
    NOWHERE: lambda c: (c.x == 0) & (c.y == 0),
    SWAPPED: _swapped,
    # Comparing this way round also catches what the projection made no number of.
    NO_DEGREES: lambda c: ~((abs(c.lon) <= 180) & (abs(c.lat) <= 90)),
    WRONG_SIGN: _wrong_sign,
    ELSEWHERE: lambda c: ~c.inside(c.lon, c.lat),
}
"""What may be wrong with a position; the first that fits is the reason."""
KNOWN = np.array([*CHECKS, None], dtype=object)


def judge(
    shapes: Sequence[BaseGeometry | None] | Shapes, terms: Terms, closed: Shapes | None = None
) -> Judged:
    """Return ``shapes`` moved to EPSG:4490 and judged, with what would mend the bad ones.

    ``closed`` holds what a row without a shape would make with its rings closed.
    """
    given = _flat(np.array([*shapes, None], dtype=object)[:-1])
    moved, reasons = _judged(given, terms)
    wishes = {}
    if closed is not None:
        mended = _flat(closed)
        open_rings = shapely.is_missing(given) & ~shapely.is_missing(mended)
        reasons[open_rings] = OPEN_RING
        wishes = {int(at): Repair(CLOSE_RING, mended[at]) for at in np.flatnonzero(open_rings)}
    for at in of_reason(reasons, SWAPPED):
        wishes[at] = Repair(TURN, shapely.transform(given[at], lambda points: points[:, ::-1]))
    return Judged(moved, reasons, dict(_repairs(moved, reasons, wishes, terms)))


def of_reason(reasons: Shapes, wanted: str) -> list[int]:
    """Return the places of the rows that have the reason of msgid ``wanted``."""
    return [at for at, one in enumerate(reasons) if one is not None and one.message == wanted]


def _flat(shapes: Shapes) -> Shapes:
    """Return shapes without heights, a multipoint of one point as that point.

    A height would end up in the tiles; M and a curve's arcs went when the file was read.
    """
    flat = np.asarray(shapely.force_2d(shapes))
    single = (shapely.get_type_id(flat) == MULTIPOINT) & (shapely.get_num_geometries(flat) == 1)
    flat[single] = shapely.get_geometry(flat[single], 0)
    return flat


def _judged(flat: Shapes, terms: Terms) -> tuple[Shapes, Shapes]:
    """Return shapes in EPSG:4490, None where they cannot be moved, and the reasons."""
    reasons = np.full(len(flat), None, dtype=object)
    _mark(reasons, shapely.is_missing(flat), NO_SHAPE)
    _mark(reasons, shapely.is_empty(flat), EMPTY)
    _mark(reasons, ~np.isin(shapely.get_type_id(flat), TAKEN), MIXED)
    counts = shapely.get_num_coordinates(flat)
    for at in np.flatnonzero(_free(reasons) & (counts > terms.most)):
        reasons[at] = too_fine(int(counts[at]), terms.most)
    moved = np.full(len(flat), None, dtype=object)
    movable = _free(reasons)
    moved[movable], reasons[movable] = _moved(flat[movable], terms)
    if terms.home is not None:
        _mark(reasons, _turned(moved, terms.home), SWAPPED)
    free = np.flatnonzero(_free(reasons))
    for at in free[~shapely.is_valid(moved[free])]:
        reasons[at] = invalid(shapely.is_valid_reason(moved[at]))
    return moved, reasons


def too_fine(count: int, most: int) -> Reason:
    """Return the reason against a shape of ``count`` vertices."""
    return Reason(
        "The shape has %(count)s vertices, more than %(most)s. Simplify it.",
        {"count": count, "most": most},
    )


def invalid(why: str) -> Reason:
    """Return the reason against a shape that is not valid, ``why`` in the words of GEOS."""
    return Reason(INVALID, {"why": why})


def _free(reasons: Shapes) -> Bools:
    # A reason is text and counts as true.
    return ~reasons.astype(bool)


def _mark(reasons: Shapes, fits: Bools, reason: Reason) -> None:
    """Give ``reason`` to those that it fits and that have none yet."""
    reasons[fits & _free(reasons)] = reason


def _moved(shapes: Shapes, terms: Terms) -> tuple[Shapes, Shapes]:
    """Return shapes in EPSG:4490 and for each the first reason that fits one of its vertices."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    places, faults = _positions(points[:, 0], points[:, 1], terms)
    first = np.full(len(shapes), len(CHECKS), dtype=np.int64)
    np.minimum.at(first, owner, faults)
    return np.asarray(shapely.set_coordinates(shapes.copy(), places)), KNOWN[first]


def _positions(x: Floats, y: Floats, terms: Terms) -> tuple[Floats, Ints]:
    """Return positions in EPSG:4490, and for each the number of its fault in ``KNOWN``.

    What cannot be moved is left as it came.
    """
    movable = np.isfinite(x) & np.isfinite(y)
    if not terms.way.projected:
        movable &= (abs(x) <= 180) & (abs(y) <= 90)
    lon, lat = x.copy(), y.copy()
    lon[movable], lat[movable] = terms.way(x[movable], y[movable])
    column = _Column(x, y, lon, lat, terms)
    faults = np.full(len(x), len(CHECKS), dtype=np.int64)
    for number, fits in reversed(list(enumerate(CHECKS.values()))):
        faults[fits(column)] = number
    return np.column_stack([lon, lat]), faults


def _turned(shapes: Shapes, home: Extent) -> Bools:
    """Say which shapes lie outside ``home``, but inside it with their axes exchanged."""
    west, south, east, north = home
    box = shapely.bounds(shapes)

    def inside(w: int, s: int, e: int, n: int) -> Bools:
        found: Bools = (box[:, w] <= east) & (box[:, e] >= west)
        return found & (box[:, s] <= north) & (box[:, n] >= south)

    return ~inside(0, 1, 2, 3) & inside(1, 0, 3, 2)


def _repairs(
    moved: Shapes, reasons: Shapes, wishes: dict[int, Repair], terms: Terms
) -> Iterator[tuple[int, Repair]]:
    """Yield those ``wishes`` (shapes as they came) that help, and what untangles invalid ones."""
    shapes, faults = _judged(np.array([one.shape for one in wishes.values()], object), terms)
    for at, wish, shape, fault in zip(wishes, wishes.values(), shapes, faults, strict=True):
        if fault is None:
            yield at, Repair(wish.what, shape)
        elif fault.message == INVALID and (untangled := repaired(shape)) is not None:
            yield at, Repair(UNTANGLE, untangled)
    for at in of_reason(reasons, INVALID):
        if (untangled := repaired(moved[at])) is not None:
            yield at, Repair(UNTANGLE, untangled)


def repaired(shape: BaseGeometry) -> BaseGeometry | None:
    """Return a valid shape of the same dimension with the same ground, None if there is none."""
    fixed = shapely.make_valid(shape)
    parts = shapely.get_parts(fixed)
    kept = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(shape)]
    if not len(kept):
        return None
    union: BaseGeometry = shapely.union_all(kept)
    return union if union.is_valid and not union.is_empty else None
