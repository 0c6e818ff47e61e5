"""The base map: water, parks, buildings, place names, drawn into the lattice's blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from seed_data.demo import names
from seed_data.demo.lattice import BENDS, BLOCKS, METRES_LAT, bend, block, grounds, roads

PARKS = {(3, 3): "荷风公园", (8, 6): "书院公园", (12, 12): "云门公园", (15, 4): "东屏公园",
         (6, 16): "柳桥公园", (17, 17): "银杏公园", (13, 8): "市民广场"}  # fmt: skip
LAKE = ((5, 9), (6, 9), (5, 10), (6, 10))
RIVER_ROW = 13
METRE = 1 / METRES_LAT


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the base map, EPSG:4490."""

    layer: str
    cls: str
    name: str
    shape: BaseGeometry


def features(random: Random) -> list[Feature]:
    """Return the whole base map; the same ``random`` gives the same map."""
    found = [Feature("road", r.cls, r.name, r.line) for r in roads()]
    found += [lake(), river()]
    found += [Feature("green", "park", n, _inset(block(u, v), 18)) for (u, v), n in PARKS.items()]
    found += labels()
    taken = {*PARKS, *LAKE}
    for u in range(BLOCKS):
        for v in range(BLOCKS):
            if (u, v) not in taken:
                found += _block(u, v, random)
    return found


def lake() -> Feature:
    """Return the lake in the middle of the western district."""
    whole = shapely.union_all([block(u, v) for u, v in LAKE])
    return Feature("water", "lake", "澄湖", _inset(whole, 45).buffer(30 * METRE))


def river() -> Feature:
    """Return the river that crosses the city from west to east, 40 m wide."""
    line = LineString([bend(n / BENDS, RIVER_ROW + 0.5) for n in range(BLOCKS * BENDS + 1)])
    return Feature("water", "river", "澜河", line.buffer(20 * METRE, cap_style="flat"))


def labels() -> list[Feature]:
    """Return the points at which districts, streets and communities are named."""
    return [Feature("place", g.level, g.name, g.shape.representative_point()) for g in grounds()]


def _inset(shape: BaseGeometry, metres: float) -> BaseGeometry:
    return shape.buffer(-metres * METRE)


def _block(u: int, v: int, random: Random) -> Iterator[Feature]:
    """Yield a block's buildings in rows, a strip of green between them, its name on one."""
    called = random.random() < 0.45
    rows, columns = random.choice(((2, 3), (3, 3), (3, 4), (4, 3)))
    for row in range(rows):
        if v == RIVER_ROW and row in {rows // 2, (rows - 1) // 2}:
            continue
        for column in range(columns):
            if random.random() < 0.9:
                name = _name(random) if called else ""
                called = False
                shape = _house(u, v, (column, columns), (row, rows), random)
                yield Feature("building", "", name, shape)
    if v != RIVER_ROW and random.random() < 0.35:
        yield Feature("green", "lawn", "", _rectangle(u + 0.1, v + 0.09, 0.8, 0.05))


def _name(random: Random) -> str:
    first = random.choice(names.EAST_WEST + names.NORTH_SOUTH)
    return first + random.choice(names.PLACES)


def _house(
    u: int, v: int, column: tuple[int, int], row: tuple[int, int], random: Random
) -> Polygon:
    """Return a building in its share of the block, set back from the streets."""
    wide, deep = 0.74 / column[1], 0.68 / row[1]
    left, low = u + 0.13 + column[0] * wide, v + 0.17 + row[0] * deep
    return _rectangle(left, low, wide * random.uniform(0.55, 0.85), deep * random.uniform(0.4, 0.7))


def _rectangle(u: float, v: float, wide: float, deep: float) -> Polygon:
    corners = ((u, v), (u + wide, v), (u + wide, v + deep), (u, v + deep))
    return Polygon([bend(*corner) for corner in corners])


def dry(point: Point, water: BaseGeometry) -> bool:
    """Say whether ``point`` is on land."""
    return not water.covers(point)
