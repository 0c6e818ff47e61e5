"""Parts (部件) along the streets: what a surveyor would find walking them."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from seed_data.demo.basemap import METRE, Feature
from seed_data.demo.lattice import Road

ALONG: tuple[tuple[str, float, float], ...] = (
    ("C0402", 14, 7),
    ("C0118", 38, 6),
    ("C0103", 45, 4),
    ("C0104", 55, 5),
    ("C0102", 70, 2),
    ("C0101", 90, 3),
    ("C0105", 110, 4),
    ("C0107", 120, 4),
    ("C0106", 150, 5),
    ("C0108", 320, 4),
    ("C0110", 210, 3),
    ("C0111", 240, 3),
    ("C0109", 330, 4),
    ("C0305", 160, 7),
    ("C0209", 150, 6),
    ("C0213", 240, 8),
    ("C0117", 260, 8),
    ("C0115", 380, 9),
    ("C0116", 420, 9),
    ("C0113", 260, 8),
    ("C0136", 350, 8),
    ("C0203", 480, 9),
    ("C0307", 200, 11),
    ("C0306", 280, 11),
    ("C0407", 300, 10),
    ("C0404", 330, 9),
    ("C0403", 260, 7),
    ("C0212", 420, 9),
    ("C0123", 1400, 10),
    ("C0122", 1500, 10),
    ("C0121", 1600, 10),
    ("C0124", 1700, 10),
    ("C0125", 1300, 11),
    ("C0137", 1500, 11),
    ("C0138", 2200, 12),
    ("C0204", 1800, 9),
    ("C0301", 1500, 14),
    ("C0303", 1500, 9),
    ("C0304", 1900, 15),
    ("C0215", 2600, 10),
    ("C0134", 1600, 16),
    ("C0135", 1500, 15),
    ("C0120", 900, 12),
    ("C0119", 700, 9),
    ("C0501", 900, 11),
    ("C0202", 700, 7),
)
"""Kind, metres between two of them, metres from the middle of the street."""

AT_CROSSINGS = (("C0210", 9), ("C0214", 11), ("C0216", 13))


@dataclass(frozen=True, slots=True)
class Found:
    """A part as surveyed: kind and shape, EPSG:4490."""

    kind: str
    shape: BaseGeometry


def survey(roads: list[Road], features: list[Feature], random: Random) -> list[Found]:
    """Return the parts of the city; none stands in the water."""
    found = [part for road in roads for part in _street(road, random)]
    found += _crossings(roads, random)
    wet = shapely.union_all([f.shape for f in features if f.layer == "water"])
    shapely.prepare(wet)
    dry = ~shapely.covers(wet, np.array([part.shape for part in found], dtype=object))
    kept = [part for part, is_dry in zip(found, dry, strict=True) if is_dry]
    return kept + _wide(features) + _railings(features)


def _street(road: Road, random: Random) -> Iterator[Found]:
    metres = road.line.length / METRE
    few = {"trunk": 0.8, "street": 1.0, "lane": 1.6}[road.cls]
    for kind, every, aside in ALONG:
        at = random.uniform(0, every)
        side = random.choice((-1, 1))
        while at < metres:
            yield Found(kind, _beside(road.line, at, side * aside * random.uniform(0.9, 1.1)))
            at += every * few * random.uniform(0.75, 1.35)
            side = -side if kind != "C0203" else random.choice((-1, 1))


def _beside(line: LineString, at: float, aside: float) -> Point:
    """Return the point ``at`` metres along ``line`` and ``aside`` metres to its left."""
    here, ahead = line.interpolate(at * METRE), line.interpolate((at + 1) * METRE)
    dx, dy = ahead.x - here.x, ahead.y - here.y
    long = (dx * dx + dy * dy) ** 0.5 or 1
    return Point(
        round(here.x - dy / long * aside * METRE, 7), round(here.y + dx / long * aside * METRE, 7)
    )


def _crossings(roads: list[Road], random: Random) -> Iterator[Found]:
    wide = [road for road in roads if road.cls != "lane"]
    for one in wide[::2]:
        for other in wide[1::2]:
            here = one.line.intersection(other.line)
            if not isinstance(here, Point):
                continue
            for kind, aside in AT_CROSSINGS:
                if random.random() < 0.6:
                    x, y = random.choice((-1, 1)), random.choice((-1, 1))
                    yield Found(
                        kind,
                        Point(
                            round(here.x + x * aside * METRE, 7),
                            round(here.y + y * aside * METRE, 7),
                        ),
                    )


def _wide(features: list[Feature]) -> list[Found]:
    """Return parks and lawns as green land (绿地), which is a part with an area."""
    return [Found("C0405", f.shape) for f in features if f.layer == "green"]


def _railings(features: list[Feature]) -> list[Found]:
    """Return the railing round each water (水域护栏), which is a part with a length."""
    rings = [
        f.shape.exterior for f in features if f.layer == "water" and isinstance(f.shape, Polygon)
    ]
    return [Found("C0604", LineString(ring.coords)) for ring in rings]
