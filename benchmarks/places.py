"""The grid: how long dividing a dense district and checking twenty thousand cells take."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon, box

from gis.check import CellShape, check_cells
from gis.divide import divide_all
from gis.mesh import share_vertices
from gis.regroup import regroup
from grid_codes.profiles import cell_code, profile

SIDE = 0.001
"""Degrees; such a square is a cell of about 10 000 m²."""
RULES = profile("GBT30428.2-2013")


@dataclass(frozen=True, slots=True)
class Timed:
    """What was done, how often, and how many seconds it took of those it may take."""

    name: str
    count: int
    seconds: float
    limit: float


def timed(name: str, limit: float, work: Callable[[], int]) -> Timed:
    """Do ``work``, which returns how many it did, and return the time it took."""
    began = time.perf_counter()
    count = work()
    return Timed(name, count, round(time.perf_counter() - began, 2), limit)


def check_of_20_000_cells() -> Timed:
    """Check 20 000 cells of 100 communities of 200 each: the second phase of a city."""
    cells, parents = _city(100)
    return timed(
        "check 20 000 cells", 60, lambda: len(cells) + len(check_cells(cells, parents, RULES))
    )


def division_of_42_km2() -> Timed:
    """Divide 42 km², the size of Dongcheng, along a bent line every 200 m, by area and parts."""
    ground = box(116.38, 39.87, 116.38 + 0.076, 39.87 + 0.0584)
    random = np.random.default_rng(1)
    parts = np.column_stack(
        [116.38 + random.random(40_000) * 0.076, 39.87 + random.random(40_000) ** 2 * 0.0584]
    )
    lines = [
        shapely.LineString([(116.37, y), (116.42, y + 0.0003), (116.47, y - 0.0002)])
        for y in np.arange(39.86, 39.94, 0.0018)
    ]
    return timed(
        "divide 42 km² by parts", 60, lambda: len(divide_all({"": ground}, lines, parts=parts)[""])
    )


def grouping_of_4_000_cells() -> Timed:
    """Group the cells of a district into 80 beats of even work."""
    shapes = [cell.polygon for cell in _city(20)[0]]
    weights = np.random.default_rng(1).random(len(shapes)).tolist()
    return timed("group 4 000 cells into 80 beats", 30, lambda: len(regroup(shapes, weights, 80)))


def _city(communities: int) -> tuple[list[CellShape], Mapping[str, Polygon]]:
    """Return communities of 20 by 10 cells in rows of ten, with their grounds."""
    cells, parents = [], {}
    for n in range(communities):
        west, south = 116 + n % 10 * 20 * SIDE, 36 + n // 10 * 10 * SIDE
        code = f"3715{n // 100 + 1:02d}001{n % 100 + 1:03d}"
        parents[code] = box(west, south, west + 20 * SIDE, south + 10 * SIDE)
        squares = [
            box(west + x * SIDE, south + y * SIDE, west + (x + 1) * SIDE, south + (y + 1) * SIDE)
            for y in range(10)
            for x in range(20)
        ]
        meshed = share_vertices(squares)
        cells += [CellShape(cell_code(RULES, code, k + 1), s) for k, s in enumerate(meshed)]
    return cells, parents


def measure() -> list[Timed]:
    """Return the times of all that the grid is held to."""
    return [check_of_20_000_cells(), division_of_42_km2(), grouping_of_4_000_cells()]
