"""Beats come out contiguous, of even weight, and as many as were asked for."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from gis.faults import GeometryFault
from gis.regroup import regroup
from tests.gis.test_edit import SOUTH, STEP, WEST


def strip(width, height):
    return [
        box(WEST + x * STEP, SOUTH + y * STEP, WEST + (x + 1) * STEP, SOUTH + (y + 1) * STEP)
        for y in range(height)
        for x in range(width)
    ]


def united(cells, found, group):
    return shapely.union_all([c for c, g in zip(cells, found, strict=True) if g == group])


def test_even_cells_are_shared_out_evenly():
    cells = strip(12, 10)
    found = regroup(cells, [1.0] * len(cells), 6)
    assert set(np.bincount(found)) <= {19, 20, 21}


def test_groups_are_numbered_from_the_north():
    cells = strip(2, 8)
    found = regroup(cells, [1.0] * 16, 4)
    assert found == [3] * 4 + [2] * 4 + [1] * 4 + [0] * 4


def test_a_dense_quarter_gets_smaller_beats():
    cells = strip(10, 10)
    weights = [10.0 if n % 10 < 3 else 1.0 for n in range(100)]
    found = regroup(cells, weights, 4)
    loads = np.bincount(found, weights)
    assert loads.max() / loads.mean() < 1.15


@pytest.mark.parametrize("count", [0, -1, 13])
def test_a_number_of_beats_that_cannot_be_is_refused(count):
    with pytest.raises(GeometryFault, match="cannot be grouped"):
        regroup(strip(4, 3), [1.0] * 12, count)


def test_an_island_belongs_to_the_beat_that_is_nearest():
    cells = [*strip(4, 4), box(WEST + 10 * STEP, SOUTH, WEST + 11 * STEP, SOUTH + STEP)]
    found = regroup(cells, [1.0] * 17, 2)
    assert sorted(np.bincount(found)) == [8, 9]


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 8),
    st.integers(1, 8),
    st.data(),
)
def test_any_grouping_is_contiguous_and_gives_every_group_something(width, height, data):
    cells = strip(width, height)
    weight = st.lists(st.floats(0, 100), min_size=len(cells), max_size=len(cells))
    weights, count = data.draw(weight), data.draw(st.integers(1, len(cells)))
    found = regroup(cells, weights, count)
    assert sorted(set(found)) == list(range(count))
    assert {united(cells, found, g).geom_type for g in range(count)} == {"Polygon"}
