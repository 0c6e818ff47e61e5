"""Judging the shapes of a stranger's file, by whole columns: moved, or put aside with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from gis.ways import Way

Shapes = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]
Extent = tuple[float, float, float, float]
MOST_VERTICES = 200_000
"""Vertices of one shape: more than a district has, less than a page can draw."""
TAKEN = (0, 1, 3, 4, 5, 6)
"""Type numbers of GEOS: points, lines, polygons and collections of one of these."""
NO_SHAPE = "The row has no shape that can be read: is a ring not closed?"
EMPTY = "The shape is empty."
MIXED = "The shape mixes points, lines and areas."
TOO_FINE = "The shape has more than 200000 vertices. Simplify it."
NOT_FINITE = "A coordinate is not finite."
NOWHERE = "The position 0, 0 means that there was none."
NO_DEGREES = "The numbers are no degrees: they look like metres or feet of a map grid."
SWAPPED = "Longitude and latitude are swapped."
CROSSES_ITSELF = "The shape is not valid: it crosses or touches itself."


@dataclass(frozen=True, slots=True)
class Judged:
    """Shapes in EPSG:4490 with the reason against each (None is sound), and repairs offered.

    A repair exists only where the shape is invalid and a sound one of its dimension can be made;
    whether it is taken is for a person to say.
    """

    shapes: Shapes
    reasons: tuple[str | None, ...]
    repairs: tuple[BaseGeometry | None, ...]


def judge(
    shapes: Sequence[BaseGeometry | None] | Shapes, way: Way, extent: Extent | None
) -> Judged:
    """Return ``shapes`` moved to EPSG:4490 and judged; ``extent`` (degrees) tells swapped axes."""
    given = np.array([*shapes, None], dtype=object)[:-1]
    reasons = np.full(len(given), None, dtype=object)
    _mark(reasons, shapely.is_missing(given), NO_SHAPE)
    _mark(reasons, shapely.is_empty(given), EMPTY)
    _mark(reasons, ~np.isin(shapely.get_type_id(given), TAKEN), MIXED)
    _mark(reasons, shapely.get_num_coordinates(given) > MOST_VERTICES, TOO_FINE)
    # Z, M and a curve's arcs went when the file was read; a height would end up in the tiles.
    flat = shapely.force_2d(given)
    _mark(reasons, _any(flat, lambda x, y: ~(np.isfinite(x) & np.isfinite(y))), NOT_FINITE)
    _mark(reasons, _any(flat, lambda x, y: (x == 0) & (y == 0)), NOWHERE)
    if not way.projected:
        _mark(reasons, _any(flat, lambda x, y: np.maximum(abs(x), abs(y)) > 180), NO_DEGREES)
        _mark(reasons, _any(flat, lambda x, y: abs(y) > 90), SWAPPED)
    moved = _moved(flat, way, reasons)
    if extent is not None:
        _mark(reasons, _turned(moved, extent), SWAPPED)
    return _sound(moved, reasons)


def _free(reasons: Shapes) -> Bools:
    return np.array([reason is None for reason in reasons], dtype=bool)


def _mark(reasons: Shapes, fits: Bools, reason: str) -> None:
    """Give ``reason`` to those that it fits and that have none yet."""
    reasons[fits & _free(reasons)] = reason


def _any(shapes: Shapes, fits: object) -> Bools:
    """Say for each shape whether some position ``fits``."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    found: Bools = np.zeros(len(shapes), dtype=bool)
    found[owner[fits(points[:, 0], points[:, 1])]] = True  # type: ignore[operator]
    return found


def _moved(shapes: Shapes, way: Way, reasons: Shapes) -> Shapes:
    """Return the shapes without a reason in EPSG:4490; one that lands off the globe gets one."""
    good = _free(reasons)
    moved = np.full(len(shapes), None, dtype=object)
    if good.any():
        moved[good] = shapely.transform(
            shapes[good], lambda points: np.column_stack(way(points[:, 0], points[:, 1]))
        )

    def beyond(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> Bools:
        # Comparing this way round also catches what the projection made no number of.
        away: Bools = ~((abs(lon) <= 180) & (abs(lat) <= 90))
        return away

    _mark(reasons, _any(moved, beyond), NO_DEGREES)
    return moved


def _turned(shapes: Shapes, extent: Extent) -> Bools:
    """Say which shapes lie outside ``extent``, but inside it with their axes exchanged."""
    west, south, east, north = extent
    box = shapely.bounds(shapes)

    def inside(w: int, s: int, e: int, n: int) -> Bools:
        found: Bools = (box[:, w] <= east) & (box[:, e] >= west)
        return found & (box[:, s] <= north) & (box[:, n] >= south)

    return ~inside(0, 1, 2, 3) & inside(1, 0, 3, 2)


def _sound(shapes: Shapes, reasons: Shapes) -> Judged:
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes) & _free(reasons)
    _mark(reasons, invalid, CROSSES_ITSELF)
    repairs = [repaired(shape) if bad else None for shape, bad in zip(shapes, invalid, strict=True)]
    return Judged(shapes, tuple(reasons.tolist()), tuple(repairs))


def repaired(shape: BaseGeometry) -> BaseGeometry | None:
    """Return a valid shape of the same dimension with the same ground, None if there is none."""
    fixed = shapely.make_valid(shape)
    parts = shapely.get_parts(fixed)
    kept = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(shape)]
    if not len(kept):
        return None
    union: BaseGeometry = shapely.union_all(kept)
    return union if union.is_valid and not union.is_empty else None
