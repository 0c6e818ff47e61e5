"""Where strangers' positions are, and which of them cannot be: pure, over whole columns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.crs import Floats
from gis.ways import Way, way_from

Bools = npt.NDArray[np.bool_]
Extent = tuple[float, float, float, float]
__all__ = ["CHECKS", "Way", "judge", "way_from", "within"]


@dataclass(frozen=True, slots=True)
class Column:
    """What is judged: raw numbers, whether there were any words, positions, the extent."""

    x: Floats
    y: Floats
    blank: Bools
    lon: Floats
    lat: Floats
    extent: Extent | None

    @property
    def inside(self) -> Bools:
        """Say which positions lie in the extent; all do where none is known."""
        return within(self.lon, self.lat, self.extent)


def within(lon: Floats, lat: Floats, extent: Extent | None) -> Bools:
    """Say which positions lie in ``extent``; all do where it is None."""
    if extent is None:
        return np.ones(len(lon), dtype=bool)
    west, south, east, north = extent
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _beyond(c: Column) -> Bools:
    return (np.abs(c.lon) > 180) | (np.abs(c.lat) > 90)


def _swapped(c: Column) -> Bools:
    turned = (np.abs(c.lat) > 90) & (np.abs(c.lat) <= 180) & (np.abs(c.lon) <= 90)
    if c.extent is None:
        return turned
    return ~c.inside & within(c.lat, c.lon, c.extent)


def _wrong_sign(c: Column) -> Bools:
    if c.extent is None:
        return np.zeros(len(c.lon), dtype=bool)
    east = within(-c.lon, c.lat, c.extent) | within(-c.lon, -c.lat, c.extent)
    return ~c.inside & (east | within(c.lon, -c.lat, c.extent))


CHECKS: tuple[tuple[str, Callable[[Column], Bools]], ...] = (
    ("The row has no position.", lambda c: c.blank),
    ("A coordinate is not a number.", lambda c: np.isnan(c.x) | np.isnan(c.y)),
    ("A coordinate is not finite.", lambda c: np.isinf(c.x) | np.isinf(c.y)),
    ("The position 0, 0 means that there was none.", lambda c: (c.x == 0) & (c.y == 0)),
    ("Longitude and latitude are swapped.", _swapped),
    ("The numbers are no degrees: they look like metres or feet of a map grid.", _beyond),
    ("The sign of a coordinate is wrong.", _wrong_sign),
    ("The position lies outside the expected extent.", lambda c: ~c.inside),
)
"""What may be wrong with a position; the first that fits is the reason."""


def judge(
    x: Floats, y: Floats, blank: Bools, way: Way, extent: Extent | None
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Return longitudes, latitudes (EPSG:4490) and for each the number of its fault in ``CHECKS``.

    -1 stands for no fault.  Positions that cannot be moved are left as they came.
    """
    movable = np.isfinite(x) & np.isfinite(y)
    if not way.projected:
        movable &= (np.abs(x) <= 180) & (np.abs(y) <= 90)
    lon, lat = x.copy(), y.copy()
    lon[movable], lat[movable] = way(x[movable], y[movable])
    column = Column(x, y, blank, lon, lat, extent)
    faults = np.full(len(x), -1, dtype=np.int64)
    for number, (_, fits) in enumerate(CHECKS):
        faults[(faults < 0) & fits(column)] = number
    return lon, lat, faults
