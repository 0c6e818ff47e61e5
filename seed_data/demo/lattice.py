"""The ground plan: a lattice of streets, bent like grown streets are, in CGCS2000 degrees.

Twenty by twenty blocks of about 250 m.  Everything that has a border (blocks,
communities, streets, districts) is made of the same edges, vertex for vertex.
"""

import math
from dataclasses import dataclass
from functools import cache

import shapely
from shapely import LineString, MultiPolygon, Polygon

from seed_data.demo import names

BLOCKS = 20
SIDE = 250.0
CENTRE = (118.2050, 36.6050)
METRES_LAT = 110_940.0
METRES_LON = 111_320.0 * math.cos(math.radians(CENTRE[1]))
BENDS = 4
"""Vertices between two crossings."""


def bend(u: float, v: float) -> tuple[float, float]:
    """Return where lattice position (``u``, ``v``), counted in blocks, lies in degrees."""
    x, y = (u - BLOCKS / 2) * SIDE, (v - BLOCKS / 2) * SIDE
    x += 70 * math.sin(v / 3.1) + 45 * math.sin(u / 2.3 + v / 5)
    y += 60 * math.sin(u / 3.7 + 1) + 40 * math.sin(v / 2.9 - u / 6)
    lon, lat = CENTRE[0] + x / METRES_LON, CENTRE[1] + y / METRES_LAT
    return round(lon, 7), round(lat, 7)


def stretch(u: int, v: int, du: int, dv: int) -> list[tuple[float, float]]:
    """Return the edge from crossing (``u``, ``v``) to the next one east (1, 0) or north (0, 1)."""
    return [bend(u + du * n / BENDS, v + dv * n / BENDS) for n in range(BENDS + 1)]


@cache
def block(u: int, v: int) -> Polygon:
    """Return the block whose south-western crossing is (``u``, ``v``)."""
    south, east = stretch(u, v, 1, 0), stretch(u + 1, v, 0, 1)
    north, west = stretch(u, v + 1, 1, 0), stretch(u, v, 0, 1)
    return Polygon(south + east[1:] + north[::-1][1:] + west[::-1][1:])


@dataclass(frozen=True, slots=True)
class Ground:
    """A named piece of the city with its code and level."""

    code: str
    name: str
    level: str
    parent: str
    shape: MultiPolygon


@dataclass(frozen=True, slots=True)
class Road:
    """A street from one side of the city to the other; ``cls`` is trunk, street or lane."""

    name: str
    cls: str
    line: LineString


def merged(columns: range, rows: range) -> MultiPolygon:
    """Return the ground of all blocks in ``columns`` and ``rows``."""
    whole = shapely.union_all([block(u, v) for u in columns for v in rows])
    assert isinstance(whole, Polygon)  # noqa: S101 - neighbouring blocks make one piece
    return MultiPolygon([whole])


def grounds() -> list[Ground]:
    """Return districts, their streets, and the streets' communities."""
    found: list[Ground] = []
    for d, (district, name) in enumerate(names.DISTRICTS):
        columns = range(10 * d, 10 * d + 10)
        shape = merged(columns, range(BLOCKS))
        found.append(Ground(district, name, "district", names.CITY[0], shape))
        for s, street in enumerate(names.STREETS[district]):
            rows = range(5 * s, 5 * s + 5)
            code = f"{district}{s + 1:03d}"
            found.append(Ground(code, street, "street", district, merged(columns, rows)))
            found += _communities(code, names.COMMUNITIES[4 * d + s], columns, rows)
    return found


def _communities(street: str, called: tuple[str, ...], columns: range, rows: range) -> list[Ground]:
    return [
        Ground(
            f"{street}{n + 1:03d}",
            f"{name}社区",
            "community",
            street,
            merged(range(columns.start + 2 * n, columns.start + 2 * n + 2), rows),
        )
        for n, name in enumerate(called)
    ]


def roads() -> list[Road]:
    """Return every street of the city: trunk roads, streets and lanes between the blocks."""
    found = []
    for n in range(BLOCKS + 1):
        cls = "trunk" if n % 5 == 0 else "street" if n % 2 == 0 else "lane"
        across = [stretch(u, n, 1, 0) for u in range(BLOCKS)]
        along = [stretch(n, v, 0, 1) for v in range(BLOCKS)]
        found.append(Road(names.EAST_WEST[n] + _kind("街", cls), cls, _joined(across)))
        found.append(Road(names.NORTH_SOUTH[n] + _kind("路", cls), cls, _joined(along)))
    return found


def _kind(word: str, cls: str) -> str:
    return {"trunk": "大", "street": "", "lane": "小"}[cls] + word


def _joined(pieces: list[list[tuple[float, float]]]) -> LineString:
    return LineString(pieces[0] + [point for piece in pieces[1:] for point in piece[1:]])
