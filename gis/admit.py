"""The one gate for geometry that strangers send.

Libraries accept silently what must not come in: text for numbers, NaN, a foreign ``crs``, half a
million vertices.  So nothing is built before its raw values are checked.
"""

import json
import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np
import shapely
from shapely import Point
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis.crs import CoordSys, to_cgcs2000, transform_geometry
from gis.faults import GeometryFault

MAX_BYTES = 2_000_000
MAX_VERTICES = 10_000
MAX_SPAN_DEGREES = 5.0
# How deep the coordinates of each type are nested; four is the deepest that is let in.
NESTING: Mapping[str, int] = {
    "Point": 1,
    "MultiPoint": 2,
    "LineString": 2,
    "MultiLineString": 3,
    "Polygon": 3,
    "MultiPolygon": 4,
}


def admit_point(lon: object, lat: object, coord_sys: str = CoordSys.CGCS2000) -> Point:
    """Return the position as a point in EPSG:4490, or raise ``GeometryFault``."""
    system = CoordSys.named(coord_sys)
    x, y = _number(lon), _number(lat)
    _check_range(x, y)
    if x == 0 and y == 0:
        raise GeometryFault(
            "The position 0, 0 means that the device had none. Place the point on the map."
        )
    return Point(to_cgcs2000(x, y, system))


def admit_geojson(
    document: str | bytes | Mapping[str, object],
    *,
    types: Collection[str],
    coord_sys: str = CoordSys.CGCS2000,
    max_vertices: int = MAX_VERTICES,
    must_be_valid: bool = True,
) -> BaseGeometry:
    """Return a GeoJSON geometry of one of ``types`` in EPSG:4490, or raise ``GeometryFault``.

    One that crosses itself comes in only where ``must_be_valid`` is off: to propose a repair.
    """
    system = CoordSys.named(coord_sys)
    members = _members(document)
    name = _type(members, types)
    _check_positions(members.get("coordinates"), NESTING[name], max_vertices)
    if name.endswith("Polygon"):
        _check_rings(members["coordinates"], NESTING[name])
    geometry = transform_geometry(_build(name, members["coordinates"]), system)
    _check_span(geometry)
    if must_be_valid:
        _check_valid(geometry)
    return geometry


def looks_swapped(lon: float, lat: float, bbox: tuple[float, float, float, float]) -> bool:
    """Tell whether a position is outside ``bbox`` but inside it with lon and lat exchanged."""
    return not _is_within(lon, lat, bbox) and _is_within(lat, lon, bbox)


def _is_within(lon: float, lat: float, bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    return west <= lon <= east and south <= lat <= north


def _number(value: object) -> float:
    # bool is an int in Python; a device that sends true has no position.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GeometryFault(
            "A coordinate is %(value)s. Send longitude and latitude as numbers.",
            value=repr(value)[:40],
        )
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise GeometryFault("A coordinate is not a finite number. Measure the position again.")
    return number


def _check_range(lon: float, lat: float) -> None:
    if abs(lon) > 180 or abs(lat) > 90:
        raise GeometryFault(
            "%(lon)s, %(lat)s is no longitude and latitude in degrees. "
            "Check their order and the coordinate system.",
            lon=lon,
            lat=lat,
        )


def _members(document: str | bytes | Mapping[str, object]) -> Mapping[str, Any]:
    members = document if isinstance(document, Mapping) else _parse(document)
    if not isinstance(members, Mapping):
        raise GeometryFault("Send one GeoJSON geometry: an object with type and coordinates.")
    if "crs" in members:
        raise GeometryFault("Leave out the crs member and name the coordinate system instead.")
    return members


def _parse(document: str | bytes) -> object:
    raw = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    if len(raw) > MAX_BYTES:
        raise GeometryFault(
            "The geometry is larger than %(most)s bytes. Simplify it.", most=MAX_BYTES
        )
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as broken:
        raise GeometryFault("The geometry is not valid GeoJSON. Export it again.") from broken


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _type(members: Mapping[str, Any], types: Collection[str]) -> str:
    name = members.get("type")
    if not isinstance(name, str) or name not in types or name not in NESTING:
        raise GeometryFault(
            "A geometry of type %(type)s cannot be taken here. Send one of: %(types)s.",
            type=str(name)[:40],
            types=", ".join(sorted(types)),
        )
    return name


def _check_positions(coordinates: object, depth: int, max_vertices: int) -> None:
    for count, position in enumerate(_positions(coordinates, depth), start=1):
        if count > max_vertices:
            raise GeometryFault(
                "The geometry has more than %(most)s vertices. Simplify it.", most=max_vertices
            )
        if len(position) not in (2, 3):
            raise GeometryFault("A position needs longitude and latitude, and nothing else.")
        lon, lat, *_ = [_number(value) for value in position]
        _check_range(lon, lat)


def _positions(coordinates: object, depth: int) -> Iterator[list[object]]:
    if not isinstance(coordinates, list | tuple) or not coordinates:
        raise GeometryFault("The coordinates are empty or not nested as their type asks.")
    if depth == 1:
        yield list(coordinates)
        return
    for inner in coordinates:
        yield from _positions(inner, depth - 1)


def _check_rings(coordinates: Any, depth: int) -> None:
    polygons = [coordinates] if depth == 3 else coordinates
    for ring in (ring for polygon in polygons for ring in polygon):
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise GeometryFault(
                "A ring is not closed. Give at least four positions and repeat the first as last."
            )


def _build(name: str, coordinates: object) -> BaseGeometry:
    try:
        return shapely.force_2d(shape({"type": name, "coordinates": coordinates}))
    except (ShapelyError, ValueError) as refused:
        raise GeometryFault(
            "The coordinates do not make a %(type)s. Draw it again.", type=name
        ) from refused


def _check_span(geometry: BaseGeometry) -> None:
    west, south, east, north = geometry.bounds
    if np.hypot(east - west, north - south) > MAX_SPAN_DEGREES:
        raise GeometryFault(
            "The geometry spans more than %(most)s degrees. Check its coordinates.",
            most=MAX_SPAN_DEGREES,
        )


def _check_valid(geometry: BaseGeometry) -> None:
    if not geometry.is_valid:
        raise GeometryFault(
            "The geometry is not valid: %(reason)s. Draw it again without crossing lines.",
            reason=shapely.is_valid_reason(geometry),
        )
