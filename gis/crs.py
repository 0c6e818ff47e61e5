"""Coordinate systems: everything is stored in CGCS2000 (EPSG:4490), longitude first.

WGS-84 is treated as CGCS2000: the two differ by centimetres, less than any survey class asks.
GCJ-02 and BD-09 are the shifted systems of Chinese map services; there is no EPSG code and no
closed inverse, so the way back is a fixed-point iteration (error far below a millimetre).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import TransverseMercatorConversion
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from gis.faults import GeometryFault

Floats = npt.NDArray[np.float64]
AnyGeometry = TypeVar("AnyGeometry", bound=BaseGeometry)
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

CGCS2000 = CRS.from_epsg(4490)
WGS84 = CRS.from_epsg(4326)
CGCS2000_AXIS = 6_378_137.0
CGCS2000_E2 = 0.006694380022900788
# The Krasovsky ellipsoid of the published GCJ-02 formula.
GCJ_AXIS = 6_378_245.0
GCJ_E2 = 0.00669342162296594323
CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
BD_PERIOD = np.pi * 3000.0 / 180.0
INVERSE_ROUNDS = 6


class CoordSys(StrEnum):
    """The coordinate systems a position may be declared in."""

    CGCS2000 = "cgcs2000"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @classmethod
    def named(cls, name: str) -> "CoordSys":
        """Return the system called ``name``, or say in a ``GeometryFault`` which there are."""
        try:
            return cls(name)
        except ValueError as unknown:
            raise GeometryFault(
                "There is no coordinate system %(name)s. Use cgcs2000, wgs84, gcj02 or bd09.",
                name=name,
            ) from unknown


@overload
def to_cgcs2000(lon: float, lat: float, coord_sys: CoordSys) -> tuple[float, float]: ...
@overload
def to_cgcs2000(lon: Floats, lat: Floats, coord_sys: CoordSys) -> tuple[Floats, Floats]: ...
def to_cgcs2000(lon: Any, lat: Any, coord_sys: CoordSys) -> tuple[Any, Any]:
    """Return longitude and latitude in CGCS2000, as scalars or arrays like the input."""
    return _apply(_TO_CGCS2000[coord_sys], lon, lat)


@overload
def from_cgcs2000(lon: float, lat: float, coord_sys: CoordSys) -> tuple[float, float]: ...
@overload
def from_cgcs2000(lon: Floats, lat: Floats, coord_sys: CoordSys) -> tuple[Floats, Floats]: ...
def from_cgcs2000(lon: Any, lat: Any, coord_sys: CoordSys) -> tuple[Any, Any]:
    """Return CGCS2000 longitude and latitude in ``coord_sys``, as scalars or arrays."""
    return _apply(_FROM_CGCS2000[coord_sys], lon, lat)


def transform_geometry(geometry: AnyGeometry, coord_sys: CoordSys) -> AnyGeometry:
    """Return ``geometry``, given in ``coord_sys``, in CGCS2000."""

    def move(points: Floats) -> Floats:
        return np.column_stack(to_cgcs2000(points[:, 0], points[:, 1], coord_sys))

    return shapely.transform(geometry, move)


@cache
def epsg_transformer(epsg: int) -> Transformer:
    """Return the way from a source system to CGCS2000, easting and longitude first.

    Raises ``GeometryFault`` for an unknown number and for a datum without published parameters.
    """
    try:
        source = CRS.from_epsg(epsg)
        target = CGCS2000 if source.geodetic_crs == CGCS2000 else WGS84
        # Without this PROJ quietly equates any two datums, which is 150 m off in Zürich.
        return Transformer.from_crs(source, target, always_xy=True, allow_ballpark=False)
    except CRSError as unknown:
        raise GeometryFault(
            "EPSG:%(epsg)s is not a known coordinate system. Check the number.", epsg=epsg
        ) from unknown
    except ProjError as no_way:
        raise GeometryFault(
            "There is no exact way from EPSG:%(epsg)s to CGCS2000. "
            "Have the data converted by the survey office.",
            epsg=epsg,
        ) from no_way


@dataclass(frozen=True, slots=True)
class MetresFrame:
    """A local plane in metres and the ways to and from CGCS2000."""

    crs: CRS
    forward: Transformer
    backward: Transformer

    def to_metres(self, geometry: AnyGeometry) -> AnyGeometry:
        """Return a CGCS2000 geometry in this plane."""
        return _through(self.forward, geometry)

    def from_metres(self, geometry: AnyGeometry) -> AnyGeometry:
        """Return a geometry of this plane in CGCS2000."""
        return _through(self.backward, geometry)


def metres_frame(lon: float) -> MetresFrame:
    """Return the 3-degree Gauss-Krüger plane around ``lon`` (EPSG:4534 to 4554 in China)."""
    return _frame_at(round(lon / 3) * 3)


def degree_lengths(lat: float) -> tuple[float, float]:
    """Return the metres in one degree of longitude and of latitude at ``lat``."""
    sine = np.sin(np.radians(lat))
    narrowing = 1 - CGCS2000_E2 * sine**2
    across = CGCS2000_AXIS / np.sqrt(narrowing) * np.cos(np.radians(lat))
    along = CGCS2000_AXIS * (1 - CGCS2000_E2) / narrowing**1.5
    return float(np.radians(across)), float(np.radians(along))


@cache
def _frame_at(meridian: int) -> MetresFrame:
    crs = _gauss_krueger(meridian)
    forward = Transformer.from_crs(CGCS2000, crs, always_xy=True)
    return MetresFrame(crs, forward, Transformer.from_crs(crs, CGCS2000, always_xy=True))


def _through(way: Transformer, geometry: AnyGeometry) -> AnyGeometry:
    def move(points: Floats) -> Floats:
        return np.column_stack(way.transform(points[:, 0], points[:, 1]))

    return shapely.transform(geometry, move)


def _gauss_krueger(meridian: int) -> CRS:
    if 75 <= meridian <= 135:
        return CRS.from_epsg(4534 + (meridian - 75) // 3)
    conversion = TransverseMercatorConversion(
        longitude_natural_origin=meridian, false_easting=500_000
    )
    return ProjectedCRS(conversion, geodetic_crs=CGCS2000)


def _apply(shift: Shift, lon: Any, lat: Any) -> tuple[Any, Any]:
    x, y = shift(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    return (float(x), float(y)) if np.ndim(lon) == 0 and np.ndim(lat) == 0 else (x, y)


def _same(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return lon, lat


def _to_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _inside_china(_shift_gcj, lon, lat)


def _from_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _inside_china(lambda x, y: _invert(_shift_gcj, x, y), lon, lat)


def _to_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _shift_bd(*_to_gcj(lon, lat))


def _from_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _from_gcj(*_invert(_shift_bd, lon, lat))


def _inside_china(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Apply ``shift`` inside the rough box of China and leave the rest as it is."""
    west, south, east, north = CHINA_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    x, y = shift(lon, lat)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def _invert(shift: Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon, lat
    for _ in range(INVERSE_ROUNDS):
        shifted_x, shifted_y = shift(x, y)
        x, y = x + lon - shifted_x, y + lat - shifted_y
    return x, y


def _shift_gcj(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return WGS-84 positions shifted to GCJ-02 by the published formula."""
    east, north = _gcj_metres(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    narrowing = 1 - GCJ_E2 * np.sin(phi) ** 2
    across = GCJ_AXIS / np.sqrt(narrowing) * np.cos(phi)
    along = GCJ_AXIS * (1 - GCJ_E2) / (narrowing * np.sqrt(narrowing))
    return lon + np.degrees(east / across), lat + np.degrees(north / along)


def _gcj_metres(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    root = np.sqrt(np.abs(x))
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (ripple + _waves(x, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (ripple + _waves(y, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))) * 2 / 3
    return east, north


def _waves(value: Floats, *terms: tuple[float, float]) -> Floats:
    total = np.zeros_like(value)
    for height, frequency in terms:
        total = total + height * np.sin(value * frequency * np.pi)
    return total


def _shift_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return GCJ-02 positions shifted to BD-09 by the published formula."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD_PERIOD)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD_PERIOD)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_TO_CGCS2000: dict[CoordSys, Shift] = {
    CoordSys.CGCS2000: _same,
    CoordSys.WGS84: _same,
    CoordSys.GCJ02: _from_gcj,
    CoordSys.BD09: _from_bd,
}
_FROM_CGCS2000: dict[CoordSys, Shift] = {
    CoordSys.CGCS2000: _same,
    CoordSys.WGS84: _same,
    CoordSys.GCJ02: _to_gcj,
    CoordSys.BD09: _to_bd,
}
