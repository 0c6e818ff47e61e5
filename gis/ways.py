"""The way of a stranger's coordinates to CGCS2000 (EPSG:4490), whatever their file is in."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.crs import CoordSys, Floats, epsg_transformer, to_cgcs2000
from gis.faults import GeometryFault

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
    Raises ``GeometryFault`` for what is unknown and for a system without an exact way.
    """
    system = CoordSys.named(coord_sys)
    epsg = None if crs is None else _epsg(crs)
    if epsg is None or epsg in DEGREES:
        return Way(lambda x, y: to_cgcs2000(x, y, system), projected=False)
    if system in (CoordSys.GCJ02, CoordSys.BD09):
        raise GeometryFault(
            "The file is in EPSG:%(epsg)s, which cannot be %(coord_sys)s as well.",
            epsg=epsg,
            coord_sys=system.value,
        )
    transformer = epsg_transformer(epsg)
    return Way(transformer.transform, projected=CRS.from_epsg(epsg).is_projected)


def _epsg(crs: str) -> int:
    authority, _, number = crs.partition(":")
    if authority == "EPSG" and number.isdecimal():
        return int(number)
    try:
        found = CRS.from_user_input(crs).to_epsg()
    except CRSError:
        found = None
    if found is None:
        raise GeometryFault(
            "The file's coordinate system has no EPSG number. Export it in one that has."
        )
    return int(found)
