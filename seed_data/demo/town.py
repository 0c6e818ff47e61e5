"""The demo city as it is built: ground, cells, base map, parts, and where things happen."""

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import shapely
from shapely import Point, Polygon

from app.catalogue.rules import Kind
from gis.divide import divide_all, number
from grid_codes.profiles import Profile, cell_code
from grid_codes.profiles import part_code as code_of_part
from seed_data.demo.basemap import METRE, Feature, features
from seed_data.demo.history import Spot
from seed_data.demo.lattice import Ground, Road, grounds, roads
from seed_data.demo.parts import Found, survey

EVENTS = (
    ("E0102", 20), ("E0104", 13), ("E0504", 9), ("E0506", 9), ("E0201", 9), ("E0501", 8),
    ("E0103", 6), ("E0507", 5), ("E0505", 5), ("E0110", 5), ("E0106", 3), ("E0511", 3),
    ("E0112", 3), ("E0304", 2), ("E0202", 2), ("E0203", 2), ("E0404", 2), ("E0406", 1.5),
    ("E0101", 1.5), ("E0302", 1.5), ("E0508", 1), ("E0510", 1), ("E0205", 1), ("E0408", 0.8),
)  # fmt: skip
PART_SHARE = 0.3
Draft = tuple[str, Point, str | None]


@dataclass(frozen=True, slots=True)
class Town:
    """Everything that lies in the demo city."""

    grounds: list[Ground]
    roads: list[Road]
    features: list[Feature]
    cells: dict[str, Polygon]
    parts: list[tuple[str, Found, str]]


def build(profile: Profile, random: Random) -> Town:
    """Return the city for a code profile; the same ``random`` gives the same city."""
    land, ways = grounds(), roads()
    drawn = features(random)
    shapes = {g.code: g.shape for g in land if g.level == "community"}
    divided = divide_all(shapes, [road.line for road in ways])
    cells = {
        cell_code(profile, community, n): cell
        for community, group in divided.items()
        for n, cell in zip(number(group), group, strict=True)
    }
    return Town(land, ways, drawn, cells, _register(profile, cells, survey(ways, drawn, random)))


def _register(
    profile: Profile, cells: dict[str, Polygon], found: list[Found]
) -> list[tuple[str, Found, str]]:
    """Return code, part and cell of every part that lies in the city."""
    middles = np.array([p.shape.representative_point() for p in found], dtype=object)
    serials: Counter[tuple[str, str]] = Counter()
    listed = []
    for part, cell in zip(found, cells_of(cells, middles), strict=True):
        if cell is None:
            continue
        division = cell[: profile.part_lengths[0]]
        serials[division, part.kind] += 1
        code = code_of_part(profile, division, part.kind[1:], serials[division, part.kind])
        listed.append((code, part, cell))
    return listed


def cells_of(cells: dict[str, Polygon], points: Any) -> list[str | None]:
    """Return the code of the cell each of ``points`` lies in, None outside all."""
    codes = list(cells)
    tree = shapely.STRtree(list(cells.values()))
    which, where = tree.query(points, predicate="intersects")
    found: list[str | None] = [None] * len(points)
    for point, cell in zip(which[::-1], where[::-1], strict=True):
        found[point] = codes[cell]
    return found


def spots(town: Town, kinds: dict[str, Kind], count: int, random: Random) -> list[Spot]:
    """Return ``count`` places where something is reported, with words and address."""
    standing = [(p.kind, p.shape, code) for code, p, _ in town.parts if isinstance(p.shape, Point)]
    drafts: list[Draft] = [*random.sample(standing, round(count * PART_SHARE))]
    busy = sorted(town.roads, key=lambda road: road.cls != "trunk")
    weights = [6 if road.cls == "trunk" else 3 if road.cls == "street" else 1 for road in busy]
    chosen = random.choices([k for k, _ in EVENTS], [w for _, w in EVENTS], k=count - len(drafts))
    for kind in chosen:
        road = random.choices(busy, weights)[0]
        drafts.append((kind, _aside(road, random), None))
    random.shuffle(drafts)
    return _placed(town, kinds, drafts)


def _aside(road: Road, random: Random) -> Point:
    """Return a point near ``road``, most often not far from the middle of the city."""
    at = min(max(random.gauss(0.5, 0.24), 0.01), 0.99)
    here = road.line.interpolate(at, normalized=True)
    return Point(here.x + random.gauss(0, 14) * METRE, here.y + random.gauss(0, 14) * METRE)


def _placed(town: Town, kinds: dict[str, Kind], drafts: list[Draft]) -> list[Spot]:
    points = np.array([point for _, point, _ in drafts], dtype=object)
    lines = [[r for r in town.roads if _is_across(r) is across] for across in (True, False)]
    near = [shapely.STRtree([r.line for r in some]).nearest(points) for some in lines]
    names = {g.code: g.name for g in town.grounds}
    found = []
    for n, ((kind, point, part), cell) in enumerate(
        zip(drafts, cells_of(town.cells, points), strict=True)
    ):
        if cell is None:
            continue
        across, along = lines[0][near[0][n]].name, lines[1][near[1][n]].name
        where = f"{across}与{along}交叉口附近"
        address = "".join(names[code] for code in lineage(cell, names)) + where
        words = f"{where}发现{kinds[kind].name}问题，请及时处置。"
        found.append(Spot(kind, point.x, point.y, cell, address, words, part))
    return found


def lineage(cell: str, names: dict[str, str]) -> list[str]:
    """Return the codes of district, street and community that ``cell`` belongs to."""
    return sorted((code for code in names if cell.startswith(code)), key=len)


def _is_across(road: Road) -> bool:
    west, south, east, north = road.line.bounds
    return east - west > north - south
