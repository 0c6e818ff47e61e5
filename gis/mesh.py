"""Polygons as a mesh: vertices on one fixed grid, shared by all neighbours.

Shapes are held in EPSG:4490 and treated as plane figures of degrees, as PostGIS treats them, so
that a straight edge means the same here and there.  Metres are measured by ``Scale`` only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gis.crs import Floats, degree_lengths

AnyGeometry = TypeVar("AnyGeometry", bound=BaseGeometry)

# 1e-9 degree is 0.1 mm, and what PostGIS writes to GeoJSON.  On a grid of 1e-7 a new vertex bends
# a 100 m edge by up to 0.3 square metres, and a street has hundreds of such edges.
GRID_DIGITS = 9
GRID = 10.0**-GRID_DIGITS
# A vertex lies up to 0.71 steps beside the edge it was cut from, and that edge may be bent already.
REACH = 5 * GRID
# Cuts from both sides of an edge may end this near to each other: that is one place (1 mm).
WELD = 2 * REACH


@dataclass(frozen=True, slots=True)
class Scale:
    """The metres in a degree of longitude and of latitude around one place."""

    lon: float
    lat: float

    @classmethod
    def around(cls, geometry: BaseGeometry) -> "Scale":
        """Return the scale at the middle latitude of a geometry in EPSG:4490."""
        _, south, _, north = geometry.bounds
        return cls(*degree_lengths((south + north) / 2))

    def metres(self, degrees: Floats) -> Floats:
        """Return an array of positions or differences (n, 2) in metres."""
        return degrees * (self.lon, self.lat)

    def degrees(self, metres: Floats) -> Floats:
        """Return an array of positions or differences (n, 2) in degrees."""
        return metres / (self.lon, self.lat)

    def area(self, geometry: BaseGeometry) -> float:
        """Return square metres."""
        return float(geometry.area * self.lon * self.lat)


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of many polygons: ``starts`` are rows of ``coords`` that the next row follows."""

    coords: Floats
    ring_ends: tuple[np.ndarray, np.ndarray]
    starts: np.ndarray

    @classmethod
    def of(cls, polygons: Sequence[Polygon]) -> "Edges":
        """Return the edges of ``polygons``, ring by ring in their order."""
        _, coords, ring_ends = shapely.to_ragged_array(list(polygons))
        starts = np.setdiff1d(np.arange(len(coords)), ring_ends[0][1:] - 1)
        return cls(coords, (ring_ends[0], ring_ends[1]), starts)

    def owners(self) -> np.ndarray:
        """Return for each edge the position of its polygon."""
        rings = np.searchsorted(self.ring_ends[0], self.starts, side="right") - 1
        return np.searchsorted(self.ring_ends[1], rings, side="right") - 1


def on_grid(geometry: AnyGeometry) -> AnyGeometry:
    """Return ``geometry`` with its vertices rounded to the grid."""
    return shapely.transform(geometry, lambda coords: np.round(coords, GRID_DIGITS))


def share_vertices(polygons: Sequence[Polygon]) -> list[Polygon]:
    """Return the polygons with every vertex of a neighbour that lies on one of their edges.

    Afterwards two neighbours have the same vertices along their common border, in the same
    order.  Vertices within ``WELD`` become one; a polygon thinner than that has no area left.
    """
    if not polygons:
        return []
    edges = Edges.of(polygons)
    rows, points = _vertices_on_edges(edges)
    coords = np.insert(edges.coords, rows + 1, points, axis=0)
    ring_ends = edges.ring_ends[0] + np.searchsorted(rows + 1, edges.ring_ends[0])
    coords, ring_ends = _without_repeats(_welded(coords), ring_ends)
    meshed = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, coords, (ring_ends, edges.ring_ends[1])
    )
    return [_without_needles(polygon) for polygon in cast(Iterable[Polygon], meshed)]


def sound_parts(polygon: Polygon) -> list[Polygon]:
    """Return what has an area of a polygon whose needles may have collapsed in the mesh."""
    if polygon.is_valid:
        return [polygon]
    parts = shapely.get_parts(shapely.make_valid(polygon, method="structure"))
    return [part for part in parts if isinstance(part, Polygon) and part.area > 0]


def _without_needles(polygon: Polygon) -> Polygon:
    """Return the polygon without spikes of no width; one that fell apart or vanished stays."""
    parts = sound_parts(polygon)
    return parts[0] if len(parts) == 1 else polygon


def _vertices_on_edges(edges: Edges) -> tuple[np.ndarray, Floats]:
    """Return start rows of edges and the foreign vertices on them, in order along each edge."""
    begin, end = edges.coords[edges.starts], edges.coords[edges.starts + 1]
    vertices = np.unique(edges.coords, axis=0)
    lines = cast(np.ndarray, shapely.linestrings(np.stack([begin, end], axis=1)))
    points = cast(np.ndarray, shapely.points(vertices))
    which, edge = shapely.STRtree(lines).query(points, predicate="dwithin", distance=REACH)
    point, begin, end = vertices[which], begin[edge], end[edge]
    foreign = np.any(point != begin, axis=1) & np.any(point != end, axis=1)
    along = np.einsum("ij,ij->i", point - begin, end - begin)
    order = np.lexsort((along[foreign], edges.starts[edge[foreign]]))
    return edges.starts[edge[foreign]][order], point[foreign][order]


def _welded(coords: Floats) -> Floats:
    """Return the coordinates with those within ``WELD`` of each other made equal."""
    vertices, names = np.unique(coords, axis=0, return_inverse=True)
    points = cast(np.ndarray, shapely.points(vertices))
    one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=WELD)
    leader = np.arange(len(vertices))
    # Lexical order: a leader is final before anything is led by it.
    for first, second in sorted(zip(one[one < two].tolist(), two[one < two].tolist(), strict=True)):
        leader[second] = leader[first]
    return vertices[leader[names.reshape(-1)]]


def _without_repeats(coords: Floats, ring_ends: np.ndarray) -> tuple[Floats, np.ndarray]:
    """Return rings without repeated vertices; a ring that would collapse is left as it is."""
    repeated = np.zeros(len(coords), dtype=bool)
    repeated[1:] = np.all(coords[1:] == coords[:-1], axis=1)
    repeated[ring_ends[:-1]] = False
    rings = np.repeat(np.arange(len(ring_ends) - 1), np.diff(ring_ends))
    left = np.bincount(rings[~repeated], minlength=len(ring_ends) - 1)
    keep = ~repeated | (left < 4)[rings]
    return coords[keep], np.concatenate([[0], np.cumsum(keep)])[ring_ends]
