"""Door plates (门牌) along the demo city's streets: odd numbers on one side, even on the other."""

from collections.abc import Iterator
from random import Random

import numpy as np
import shapely
from shapely import LineString, Point

from seed_data.demo.basemap import METRE, Feature
from seed_data.demo.lattice import METRES_LAT, METRES_LON

Told = tuple[str, dict[str, str | None], shapely.Geometry]
EVERY = 34.0
"""Metres between two doors of one side."""

BACK = {"trunk": 26.0, "street": 19.0, "lane": 11.0}
"""Metres from the middle of a street to its doors."""


def addresses(features: list[Feature], random: Random) -> Iterator[Told]:
    """Yield what the register starts with: what it holds, names and numbers, where (EPSG:4490)."""
    for feature in features:
        if feature.layer == "road":
            yield "streets", _told(name=feature.name, category=feature.cls), feature.shape
            yield from _doors(feature, random)
        elif feature.layer == "building" and feature.name:
            yield "places", _told(name=feature.name, category="building"), feature.shape
        elif feature.layer == "green" and feature.name:
            yield "tracts", _told(name=feature.name, category=feature.cls), feature.shape


def _told(**said: str) -> dict[str, str | None]:
    known = ("name", "alias", "former", "street", "number", "category")
    return {key: said.get(key) for key in known}


def _doors(road: Feature, random: Random) -> Iterator[Told]:
    """Yield the doors of a street from its western or southern end on; some numbers are missing."""
    assert isinstance(road.shape, LineString)  # noqa: S101 - the lattice draws nothing else
    flat = shapely.transform(road.shape, lambda c: c * (METRES_LON, METRES_LAT))
    for side in (1, -1):
        number = 1 if side == 1 else 2
        for along in np.arange(EVERY / 2, flat.length, EVERY):
            if random.random() < 0.82:
                told = _told(street=road.name, number=str(number))
                yield "doors", told, _beside(flat, float(along), side * BACK[road.cls])
            number += 2


def _beside(line: LineString, along: float, aside: float) -> Point:
    foot = shapely.get_coordinates(line.interpolate(along))[0]
    ahead = shapely.get_coordinates(line.interpolate(along + 1))[0] - foot
    step = ahead / max(float(np.hypot(*ahead)), METRE)
    x, y = foot + aside * np.array([-step[1], step[0]])
    return Point(round(x / METRES_LON, 7), round(y / METRES_LAT, 7))
