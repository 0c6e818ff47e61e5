"""Where strangers' positions are, and which of them cannot be: pure, over whole columns."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS
from pyproj.exceptions import CRSError

from app.kernel.errors import Refused, sentence
from gis.crs import CoordSys, Floats, epsg_transformer, to_cgcs2000

Bools = npt.NDArray[np.bool_]
Extent = tuple[float, float, float, float]
DEGREES = {4326, 4490}


@dataclass(frozen=True, slots=True)
class Way:
    """The way of positions to CGCS2000 (EPSG:4490); ``projected`` ones are not degrees."""

    move: Callable[[Floats, Floats], tuple[Floats, Floats]]
    projected: bool

    def __call__(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes in EPSG:4490."""
        lon, lat = self.move(x, y)
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def way_from(crs: str | None, coord_sys: str) -> Way:
    """Return the way from ``crs`` (as a file names it) or, for plain degrees, ``coord_sys``.

    A file of degrees cannot say that it is GCJ-02 or BD-09: that is what ``coord_sys`` is for.
    Raises ``Refused``, and ``GeometryFault`` for a system without an exact way.
    """
    system = _system(coord_sys)
    epsg = None if crs is None else _epsg(crs)
    if epsg is None or epsg in DEGREES:
        return Way(lambda x, y: to_cgcs2000(x, y, system), projected=False)
    if system in (CoordSys.GCJ02, CoordSys.BD09):
        raise Refused(
            sentence("The file is in EPSG:%(epsg)s, which cannot be %(coord_sys)s as well."),
            epsg=epsg,
            coord_sys=system.value,
        )
    transformer = epsg_transformer(epsg)
    return Way(transformer.transform, projected=CRS.from_epsg(epsg).is_projected)


def _system(name: str) -> CoordSys:
    try:
        return CoordSys(name)
    except ValueError as unknown:
        raise Refused(
            sentence("There is no coordinate system %(name)s. Use cgcs2000, wgs84, gcj02 or bd09."),
            name=name,
        ) from unknown


def _epsg(crs: str) -> int:
    authority, _, number = crs.partition(":")
    if authority == "EPSG" and number.isdecimal():
        return int(number)
    try:
        found = CRS.from_user_input(crs).to_epsg()
    except CRSError:
        found = None
    if found is None:
        raise Refused(
            sentence("The file's coordinate system has no EPSG number. Export it in one that has.")
        )
    return int(found)


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
    (sentence("The row has no position."), lambda c: c.blank),
    (sentence("A coordinate is not a number."), lambda c: np.isnan(c.x) | np.isnan(c.y)),
    (sentence("A coordinate is not finite."), lambda c: np.isinf(c.x) | np.isinf(c.y)),
    (sentence("The position 0, 0 means that there was none."), lambda c: (c.x == 0) & (c.y == 0)),
    (sentence("Longitude and latitude are swapped."), _swapped),
    (sentence("The numbers are no degrees: they look like metres or feet of a map grid."), _beyond),
    (sentence("The sign of a coordinate is wrong."), _wrong_sign),
    (sentence("The position lies outside the expected extent."), lambda c: ~c.inside),
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
