"""Grouping the cells of a street into provisional communities: pure."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis.mesh import Scale

MOST_CELLS = 90
"""Cells in a provisional community: two digits number 99, and some are left for later."""


def groups(cells: Sequence[Polygon], most: int = MOST_CELLS) -> list[list[int]]:
    """Return the positions of cells in compact groups of at most ``most``, north first.

    Each cut halves a group across its longer side, so that groups come out near to square.
    """
    scale = Scale.around(MultiPolygon(list(cells)))
    centres = scale.metres(shapely.get_coordinates(shapely.centroid(list(cells))))
    found = _halved(np.arange(len(cells)), centres, most)
    return sorted(found, key=lambda group: (-centres[group, 1].mean(), centres[group, 0].mean()))


def _halved(group: np.ndarray, centres: np.ndarray, most: int) -> list[list[int]]:
    shares = -(-len(group) // most)
    if shares == 1:
        return [[int(n) for n in group]]
    place = centres[group]
    axis = int(np.ptp(place, axis=0).argmax())
    ordered = group[np.lexsort((place[:, 1 - axis], place[:, axis]))]
    cut = len(group) * (shares // 2) // shares
    return _halved(ordered[:cut], centres, most) + _halved(ordered[cut:], centres, most)
