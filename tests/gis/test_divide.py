"""A division into cells has no gap, no overlap, and cells of about the wanted size."""

import numpy as np
import pytest
import shapely
import shapely.ops
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon, box
from shapely.affinity import rotate

from gis.divide import LARGEST_AREA, divide, divide_all, number
from gis.faults import GeometryFault
from gis.mesh import Scale
from tests.gis.partition import assert_partition, assert_shared_vertices

# About 900 m by 1 110 m.
DISTRICT = box(116.0, 36.0, 116.01, 36.01)
STREET = LineString([(115.999, 36.004), (116.011, 36.0042)])
HOLED = DISTRICT.difference(box(116.004, 36.004, 116.006, 36.006))


def sizes(cells):
    scale = Scale.around(shapely.union_all(cells))
    return np.array([scale.area(cell) for cell in cells])


@pytest.mark.parametrize(
    "area",
    [
        DISTRICT,
        MultiPolygon([DISTRICT, box(116.02, 36.0, 116.021, 36.001)]),
        HOLED,
        rotate(DISTRICT, 30),
        Polygon([(116, 36), (116.01, 36), (116.01, 36.01), (116.009, 36.001), (116, 36.001)]),
        box(116.0, 36.0, 116.03, 36.0003),
    ],
    ids=["a square", "two parts", "with a hole", "turned", "an angle", "a long strip"],
)
def test_cells_cover_their_area_and_keep_near_the_wanted_size(area):
    cells = divide(area)
    assert_partition(area, cells)
    assert sizes(cells).max() <= LARGEST_AREA * 10_000
    assert sizes(cells).mean() == pytest.approx(10_000, rel=0.2)


@pytest.mark.parametrize("target", [2_500, 10_000, 40_000, 10_000_000])
def test_the_number_of_cells_follows_the_target(target):
    expected = max(1, Scale.around(DISTRICT).area(DISTRICT) / target)
    assert len(divide(DISTRICT, target_area=target)) == pytest.approx(expected, rel=0.1)


def test_an_area_smaller_than_a_cell_is_one_cell():
    plot = box(116.0, 36.0, 116.0001, 36.0001)
    (cell,) = divide(plot)
    assert_partition(plot, [cell])


def test_no_cell_crosses_a_street():
    cells = divide(DISTRICT, [STREET])
    assert_partition(DISTRICT, cells)
    sides = [cell.difference(STREET.buffer(1e-7)) for cell in cells]
    assert {side.geom_type for side in sides} == {"Polygon"}


def test_a_street_that_ends_inside_cuts_nothing_off():
    dead_end = LineString([(115.999, 36.004), (116.005, 36.004)])
    assert len(divide(DISTRICT, [dead_end])) == len(divide(DISTRICT))


def test_a_median_between_two_carriageways_is_no_cell():
    carriageways = [
        LineString([(115.999, 36.004 + d), (116.011, 36.004 + d)]) for d in (0, 0.00005)
    ]
    cells = divide(DISTRICT, carriageways)
    assert_partition(DISTRICT, cells)
    assert sizes(cells).min() > 3_000


@pytest.mark.parametrize("beside", [0, 1e-9, 3e-8, 1e-6], ids=["on it", "0.1 mm", "3 mm", "10 cm"])
def test_a_line_along_the_border_and_on_beyond_it_changes_no_cell_by_much(beside):
    along = LineString([(115.99, 36.0 + beside), (116.005, 36.0 - beside), (116.02, 36.0 + beside)])
    cells = divide(DISTRICT, [along])
    assert_partition(DISTRICT, cells)
    assert len(cells) == pytest.approx(len(divide(DISTRICT)), abs=2)


def test_lines_elsewhere_change_nothing():
    elsewhere = LineString([(117, 36), (117.1, 36.1)])
    assert [c.wkt for c in divide(DISTRICT, [elsewhere])] == [c.wkt for c in divide(DISTRICT)]


def test_a_division_is_the_same_every_time():
    assert [c.wkt for c in divide(HOLED, [STREET])] == [c.wkt for c in divide(HOLED, [STREET])]


def test_cells_of_two_areas_share_the_vertices_of_their_border():
    east = Polygon(
        [(116.01, 36.0), (116.02, 36.0), (116.02, 36.01), (116.01, 36.01), (116.01, 36.0033)]
    )
    cells = divide_all({"west": DISTRICT, "east": east}, [STREET])
    assert_partition(DISTRICT, cells["west"])
    assert_partition(east, cells["east"])
    assert_shared_vertices([*cells["west"], *cells["east"]])


def test_no_areas_have_no_cells():
    assert divide_all({}) == {}


@pytest.mark.parametrize(
    ("area", "target", "sentence"),
    [
        (Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), 1e4, "cannot be divided: Self-intersection"),
        (Polygon(), 1e4, "cannot be divided: it is empty"),
        (DISTRICT, 0.0, "more than 0 square metres"),
        (DISTRICT, -1.0, "more than 0 square metres"),
        (DISTRICT, float("nan"), "more than 0 square metres"),
    ],
)
def test_what_cannot_be_divided_is_refused(area, target, sentence):
    with pytest.raises(GeometryFault, match=sentence):
        divide(area, target_area=target)


def test_cells_are_numbered_in_rows_from_the_north_and_from_the_west():
    cells = [
        box(116 + x / 1000, 36 + y / 1000, 116.001 + x / 1000, 36.001 + y / 1000)
        for y in (0, 1)
        for x in (2, 0, 1)
    ]
    assert number(cells) == [6, 4, 5, 3, 1, 2]


def test_numbers_run_through_from_one():
    cells = divide(rotate(HOLED, 20), [STREET])
    assert sorted(number(cells)) == list(range(1, len(cells) + 1))
    assert number([]) == []


@st.composite
def stars(draw):
    """Draw a simple polygon around one place: rays with rising angles and any lengths."""
    count = draw(st.integers(3, 12))
    turns = [draw(st.floats(0.05, 0.95)) for _ in range(count)]
    angles = (np.arange(count) + turns) * 2 * np.pi / count
    lengths = np.array([draw(st.floats(0.0005, 0.004)) for _ in range(count)])
    return Polygon(np.column_stack([116 + lengths * np.cos(angles), 36 + lengths * np.sin(angles)]))


places = st.tuples(st.floats(115.995, 116.005), st.floats(35.995, 36.005))
streets = st.lists(st.lists(places, min_size=2, max_size=5), max_size=6)


def usable_lines(drawn):
    return [line for line in map(LineString, drawn) if line.is_valid]


@settings(deadline=None)
@given(area=stars(), count=st.integers(2, 25))
def test_a_convex_area_is_divided_into_equal_shares(area, count):
    whole = area.convex_hull
    # Half of a needle is a sliver, and slivers are joined again.
    assume(4 * np.pi * whole.area > 0.5 * whole.length**2)
    cells = divide(whole, target_area=Scale.around(whole).area(whole) / count)
    assert len(cells) == count
    assert sizes(cells) == pytest.approx(sizes(cells).mean(), rel=0.001)


@settings(deadline=None, max_examples=60)
@given(area=stars(), drawn=streets, target=st.sampled_from([3_000.0, 10_000.0, 40_000.0]))
def test_any_area_with_any_lines_is_divided_without_gap_or_overlap(area, drawn, target):
    assume(area.is_valid)
    cells = divide(area, usable_lines(drawn), target)
    assert_partition(area, cells)


@settings(deadline=None, max_examples=40)
@given(area=stars(), drawn=streets, cut=st.tuples(places, places))
def test_any_two_neighbours_share_their_border(area, drawn, cut):
    assume(area.is_valid and cut[0] != cut[1])
    parts = shapely.get_parts(shapely.ops.split(area, LineString(cut)))
    cells = divide_all({str(i): part for i, part in enumerate(parts)}, usable_lines(drawn))
    for i, part in enumerate(parts):
        assert_partition(part, cells[str(i)])
    assert_shared_vertices([cell for group in cells.values() for cell in group])


def heap(seed, west, south, size, count):
    """Return ``count`` parts spread over a square."""
    spread = np.random.default_rng(seed).random((count, 2)) * size
    return spread + np.array((west, south))


def test_cells_are_smaller_where_parts_are_dense():
    parts = np.concatenate([heap(1, 116.0, 36.0, 0.005, 900), heap(2, 116.0, 36.0, 0.01, 100)])
    cells = divide_all({"": DISTRICT}, parts=parts)[""]
    assert_partition(DISTRICT, cells)
    dense = [cell for cell in cells if box(116.0, 36.0, 116.005, 36.005).contains(cell.centroid)]
    sparse = [cell for cell in cells if cell not in dense]
    assert sizes(dense).mean() < 0.6 * sizes(sparse).mean()
    tree = shapely.STRtree(shapely.points(parts))
    counts = [len(tree.query(cell, predicate="intersects")) for cell in cells]
    evenly = [len(tree.query(cell, predicate="intersects")) for cell in divide(DISTRICT)]
    assert max(counts) < 0.7 * max(evenly)
    assert len(cells) == pytest.approx(len(divide(DISTRICT)), rel=0.3)


def test_parts_on_one_spot_make_no_cell_smaller_than_a_person_walks():
    parts = np.concatenate([heap(1, 116.003, 36.003, 1e-6, 5_000), heap(2, 116.0, 36.0, 0.01, 9)])
    cells = divide_all({"": DISTRICT}, [STREET], parts=parts)[""]
    assert_partition(DISTRICT, cells)
    assert sizes(cells).min() > 1_500


def test_parts_elsewhere_count_for_nothing():
    cells = divide_all({"": DISTRICT}, parts=heap(1, 117.0, 36.0, 0.01, 100))[""]
    assert [c.wkt for c in cells] == [c.wkt for c in divide(DISTRICT)]


@settings(deadline=None, max_examples=30)
@given(area=stars(), drawn=streets, places_of=st.lists(places, max_size=40))
def test_any_area_is_divided_by_parts_too_without_gap_or_overlap(area, drawn, places_of):
    assume(area.is_valid)
    parts = np.array(places_of, dtype=float).reshape(-1, 2)
    cells = divide_all({"": area}, usable_lines(drawn), 10_000.0, parts=parts)[""]
    assert_partition(area, cells)
