"""Grouping cells into a number of contiguous groups of even weight, for beats (责任网格)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis.crs import Floats
from gis.faults import GeometryFault
from gis.join import neighbours
from gis.mesh import Scale

# Sweeps over all groups; each moves border cells from heavier groups to lighter ones.
MOST_SWEEPS = 60


@dataclass(slots=True)
class _Groups:
    """Which group each cell is in, what groups weigh, which cells are neighbours."""

    of: list[int]
    weights: Floats
    loads: Floats
    near: list[set[int]]

    def members(self, group: int) -> set[int]:
        return {cell for cell, mine in enumerate(self.of) if mine == group}

    def give(self, cell: int, group: int) -> None:
        self.loads[self.of[cell]] -= self.weights[cell]
        self.loads[group] += self.weights[cell]
        self.of[cell] = group

    def parts(self, cells: set[int]) -> list[set[int]]:
        """Return the contiguous parts of ``cells``, the heaviest first."""
        left, found = set(cells), []
        while left:
            part, edge = set(), {left.pop()}
            while edge:
                part |= edge
                edge = {n for cell in edge for n in self.near[cell] & left}
                left -= edge
            found.append(part)
        return sorted(found, key=lambda p: (-sum(self.weights[list(p)]), min(p)))


def regroup(cells: Sequence[Polygon], weights: Sequence[float], count: int) -> list[int]:
    """Return for each cell the number of its group, from 0 to ``count`` - 1, north first.

    Groups are contiguous wherever the cells are: islands are tied to the nearest cell.  Weights
    are any measure of work, not negative.  Raises ``GeometryFault`` if there are fewer cells.
    """
    if not 1 <= count <= len(cells):
        raise GeometryFault(
            "%(cells)s cells cannot be grouped into %(count)s beats. Choose another number.",
            cells=len(cells),
            count=count,
        )
    scale = Scale.around(MultiPolygon(list(cells)))
    centres = scale.metres(shapely.get_coordinates(shapely.centroid(list(cells))))
    load = np.maximum(np.asarray(weights, dtype=np.float64), 0) + 1e-9
    groups = _Groups([0] * len(cells), load, np.zeros(count), _near(cells, scale, centres))
    _begin(groups, centres, count)
    _tie(groups)
    _even_out(groups)
    return _north_first(groups.of, centres, count)


def _near(cells: Sequence[Polygon], scale: Scale, centres: Floats) -> list[set[int]]:
    near = [set(borders) for borders in neighbours(cells, scale)]
    whole = _Groups([0] * len(cells), np.ones(len(cells)), np.zeros(1), near)
    parts = whole.parts(set(range(len(cells))))
    mainland = sorted(parts[0])
    for island in parts[1:]:
        one, two = _bridge(sorted(island), mainland, centres)
        near[one].add(two)
        near[two].add(one)
        mainland += sorted(island)
    return near


def _bridge(island: list[int], mainland: list[int], centres: Floats) -> tuple[int, int]:
    shore = cast(np.ndarray, shapely.points(centres[mainland]))
    tree = shapely.STRtree(shore)
    found, distances = tree.query_nearest(
        cast(np.ndarray, shapely.points(centres[island])), return_distance=True, all_matches=False
    )
    nearest = int(distances.argmin())
    return island[int(found[0][nearest])], mainland[int(found[1][nearest])]


def _begin(groups: _Groups, centres: Floats, count: int) -> None:
    """Halve the cells again and again across their longer side, by weight."""
    waiting = [(np.arange(len(centres)), 0, count)]
    while waiting:
        cells, first, shares = waiting.pop()
        if shares == 1:
            for cell in cells:
                groups.of[cell] = first
            groups.loads[first] = groups.weights[cells].sum()
            continue
        here = centres[cells]
        axis = int(np.ptp(here, axis=0).argmax())
        ordered = cells[np.lexsort((here[:, 1 - axis], here[:, axis]))]
        half = shares // 2
        before = np.cumsum(groups.weights[ordered])
        cut = int(np.searchsorted(before, before[-1] * half / shares)) + 1
        cut = min(max(cut, half), len(ordered) - (shares - half))
        waiting += [
            (ordered[:cut], first, half),
            (ordered[cut:], first + half, shares - half),
        ]


def _tie(groups: _Groups) -> None:
    """Give what is cut off from its group to the lightest group beside it, until nothing is."""
    moved = True
    while moved:
        moved = False
        for group in range(len(groups.loads)):
            for part in groups.parts(groups.members(group))[1:]:
                beside = {groups.of[n] for cell in part for n in groups.near[cell]} - {group}
                host = min(beside, key=lambda g: (groups.loads[g], g))
                for cell in part:
                    groups.give(cell, host)
                moved = True


def _even_out(groups: _Groups) -> None:
    for _ in range(MOST_SWEEPS):
        heavy_first = np.argsort(-groups.loads, kind="stable").tolist()
        if not any([_relieve(groups, group) for group in heavy_first]):
            return


def _relieve(groups: _Groups, group: int) -> bool:
    """Move cells on the border of ``group`` to lighter groups while that evens them out."""
    moved = False
    members = groups.members(group)
    for cell in sorted(members):
        hosts = {groups.of[n] for n in groups.near[cell]} - {group}
        host = min(hosts, key=lambda g: (groups.loads[g], g), default=None)
        if host is None or groups.loads[group] - groups.loads[host] <= groups.weights[cell]:
            continue
        if len(members) > 1 and _holds_together(groups, members, cell):
            groups.give(cell, host)
            members.discard(cell)
            moved = True
    return moved


def _holds_together(groups: _Groups, members: set[int], cell: int) -> bool:
    return len(groups.parts(members - {cell})) == 1


def _north_first(of: Iterable[int], centres: Floats, count: int) -> list[int]:
    groups = np.array(list(of))
    middles = [centres[groups == g].mean(axis=0) for g in range(count)]
    order = sorted(range(count), key=lambda g: (-middles[g][1], middles[g][0]))
    rank = {group: n for n, group in enumerate(order)}
    return [rank[int(group)] for group in groups]
