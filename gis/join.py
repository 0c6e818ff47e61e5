"""Joining pieces that are too small or too thin to be a cell with a neighbour."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely import Polygon

from gis.mesh import Edges, Scale, share_vertices, sound_parts

# Shares of the target area and of its side, for area and mean width: below them a piece is a
# sliver between lines, not a place to supervise.
SMALLEST_AREA = 0.3
THINNEST = 0.1


@dataclass(slots=True)
class _Mosaic:
    """Pieces as numbers: areas in square metres, perimeters and common borders in metres."""

    areas: list[float]
    perimeters: list[float]
    borders: list[dict[int, float]]
    members: list[list[int]]
    target: float

    def is_sliver(self, piece: int) -> bool:
        area, perimeter = self.areas[piece], self.perimeters[piece]
        narrow = 2 * area < THINNEST * self.target**0.5 * perimeter
        return narrow or area < SMALLEST_AREA * self.target

    def host(self, piece: int) -> int | None:
        """Return the neighbour with the longest common border, the earlier one if two are equal."""
        borders = self.borders[piece]
        return min(borders, key=lambda other: (-borders[other], other)) if borders else None

    def absorb(self, piece: int, host: int) -> None:
        """Make ``piece`` a part of ``host``."""
        common = self.borders[piece].pop(host)
        self.borders[host].pop(piece)
        for other, length in self.borders[piece].items():
            self.borders[other].pop(piece)
            self.borders[other][host] = self.borders[other].get(host, 0) + length
            self.borders[host][other] = self.borders[other][host]
        self.areas[host] += self.areas[piece]
        self.perimeters[host] += self.perimeters[piece] - 2 * common
        self.members[host] += self.members[piece]
        self.members[piece], self.borders[piece] = [], {}


def join_slivers(pieces: Sequence[Polygon], scale: Scale, target: float) -> list[Polygon]:
    """Return the pieces with each sliver joined to the neighbour it borders longest.

    Pieces do not overlap; ``target`` is the wanted cell in square metres.
    """
    meshed = [part for piece in share_vertices(pieces) for part in sound_parts(piece)]
    mosaic = _mosaic(meshed, scale, target)
    queue = [(area, piece) for piece, area in enumerate(mosaic.areas) if mosaic.is_sliver(piece)]
    heapq.heapify(queue)
    while queue:
        area, piece = heapq.heappop(queue)
        host = mosaic.host(piece)
        if host is None or area != mosaic.areas[piece]:
            continue
        mosaic.absorb(piece, host)
        if mosaic.is_sliver(host):
            heapq.heappush(queue, (mosaic.areas[host], host))
    return [_united([meshed[i] for i in members]) for members in mosaic.members if members]


def neighbours(pieces: Sequence[Polygon], scale: Scale) -> list[dict[int, float]]:
    """Return for each piece the metres of border it shares with others, by their position.

    The pieces share their vertices; touching in a point is no border.
    """
    return _mosaic(pieces, scale, 1.0).borders


def _united(members: list[Polygon]) -> Polygon:
    united = members[0] if len(members) == 1 else shapely.union_all(members)
    # Members share an edge pairwise, so their union cannot fall apart.
    return cast(Polygon, united)


def _mosaic(pieces: Sequence[Polygon], scale: Scale, target: float) -> _Mosaic:
    edges = Edges.of(pieces) if pieces else None
    areas = [scale.area(piece) for piece in pieces]
    members = [[i] for i in range(len(pieces))]
    if edges is None:
        return _Mosaic(areas, [], [], members, target)
    owners = edges.owners()
    steps = scale.metres(edges.coords[edges.starts + 1] - edges.coords[edges.starts])
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    perimeters = np.bincount(owners, lengths, minlength=len(pieces)).tolist()
    return _Mosaic(areas, perimeters, _borders(edges, owners, lengths), members, target)


def _borders(edges: Edges, owners: np.ndarray, lengths: np.ndarray) -> list[dict[int, float]]:
    """Return for each piece the length of border it has in common with each neighbour."""
    names = np.unique(edges.coords, axis=0, return_inverse=True)[1].reshape(-1)
    ends = np.sort(np.stack([names[edges.starts], names[edges.starts + 1]], axis=1), axis=1)
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    twin = np.flatnonzero(np.all(ends[order][1:] == ends[order][:-1], axis=1))
    borders: list[dict[int, float]] = [{} for _ in range(int(owners.max()) + 1)]
    for edge, other in zip(order[twin].tolist(), order[twin + 1].tolist(), strict=True):
        one, two = int(owners[edge]), int(owners[other])
        if one != two:
            length = borders[one].get(two, 0.0) + float(lengths[edge])
            borders[one][two] = borders[two][one] = length
    return borders
