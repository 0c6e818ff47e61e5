"""Points along lines: interpolating between two places on a street, and directions in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from gis.crs import AnyGeometry, degree_lengths

WINDS = ("east", "northeast", "north", "northwest", "west", "southwest", "south", "southeast")


@dataclass(frozen=True, slots=True)
class Beside:
    """A place beside a line: metres along it, metres to its left (negative: to its right)."""

    along: float
    aside: float


def between(street: BaseGeometry, start: Point, end: Point, share: float) -> Point:
    """Return the place at ``share`` (0 to 1) of the way from ``start`` to ``end`` along a street.

    All in EPSG:4490.  The place keeps the side and the distance from the street that both have on
    the way.  Where the two lie on different pieces of the street, the way is a straight line.
    """
    plane = _Plane.around(start)
    line = _common_line(plane, street, start, end)
    if line is None:
        return Point(np.array(start.coords[0]) * (1 - share) + np.array(end.coords[0]) * share)
    one, two = _beside(line, plane.metres(start)), _beside(line, plane.metres(end))
    mixed = Beside(
        one.along * (1 - share) + two.along * share, one.aside * (1 - share) + two.aside * share
    )
    return plane.degrees(_place(line, mixed))


def side(street: BaseGeometry, place: Point) -> int:
    """Return 1 if ``place`` lies to the left of a street as drawn, -1 to its right, else 0."""
    plane = _Plane.around(place)
    lines = _lines(plane, street)
    if not lines:
        return 0
    point = plane.metres(place)
    nearest = lines[int(np.argmin(shapely.distance(lines, point)))]
    return int(np.sign(round(_beside(nearest, point).aside, 2)))


def wind(origin: Point, place: Point) -> tuple[str, float]:
    """Return the direction of ``place`` seen from ``origin``, one of ``WINDS``, and the metres."""
    away = _Plane.around(origin).metres(place)
    eighth = round(np.degrees(np.arctan2(away.y, away.x)) / 45) % 8
    return WINDS[eighth], float(np.hypot(away.x, away.y))


@dataclass(frozen=True, slots=True)
class _Plane:
    """A small plane of metres with its origin at one place."""

    lon: float
    lat: float
    across: float
    up: float

    @classmethod
    def around(cls, place: Point) -> "_Plane":
        across, up = degree_lengths(place.y)
        return cls(place.x, place.y, across, up)

    def metres(self, geometry: AnyGeometry) -> AnyGeometry:
        return shapely.transform(
            geometry, lambda c: (c - (self.lon, self.lat)) * (self.across, self.up)
        )

    def degrees(self, geometry: AnyGeometry) -> AnyGeometry:
        return shapely.transform(
            geometry, lambda c: c / (self.across, self.up) + (self.lon, self.lat)
        )


def _lines(plane: _Plane, street: BaseGeometry) -> list[LineString]:
    parts = shapely.get_parts(plane.metres(street))
    return [part for part in parts if isinstance(part, LineString) and part.length > 0]


def _common_line(
    plane: _Plane, street: BaseGeometry, start: Point, end: Point
) -> LineString | None:
    """Return the piece of the street that is the nearest to both places, None if there is none."""
    lines = _lines(plane, street)
    nearest = [
        int(np.argmin(shapely.distance(lines, plane.metres(place))))
        for place in (start, end)
        if lines
    ]
    return lines[nearest[0]] if nearest and nearest[0] == nearest[1] else None


def _beside(line: LineString, point: Point) -> Beside:
    along = float(shapely.line_locate_point(line, point))
    foot, ahead = _frame(line, along)
    away = np.array(point.coords[0]) - foot
    return Beside(along, float(ahead[0] * away[1] - ahead[1] * away[0]))


def _place(line: LineString, beside: Beside) -> Point:
    foot, ahead = _frame(line, beside.along)
    return Point(foot + beside.aside * np.array([-ahead[1], ahead[0]]))


def _frame(line: LineString, along: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the place ``along`` a line and the direction the line has there."""
    reach = min(1.0, line.length / 2)
    ends: Sequence[float] = (max(along - reach, 0.0), min(along + reach, line.length))
    back, front = shapely.get_coordinates(shapely.line_interpolate_point(line, ends))
    foot = shapely.get_coordinates(shapely.line_interpolate_point(line, along))[0]
    step = front - back
    return foot, step / np.hypot(*step)
