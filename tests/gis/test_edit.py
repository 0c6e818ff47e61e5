"""Cells changed by hand, in any order, stay a partition with shared vertices."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box

from gis import edit
from gis.faults import GeometryFault
from gis.mesh import Scale
from tests.gis.partition import TOLERANCE_M2, assert_partition

STEP = 0.001
WEST, SOUTH = 116.0, 36.0
GROUND = box(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP)
NOWHERE = LineString()


def chess(size=3):
    return {
        f"{x}{y}": box(
            WEST + x * STEP, SOUTH + y * STEP, WEST + (x + 1) * STEP, SOUTH + (y + 1) * STEP
        )
        for x in range(size)
        for y in range(size)
    }


def at(x, y):
    return round(WEST + x * STEP, 9), round(SOUTH + y * STEP, 9)


def chosen(cells, *codes):
    return {c: cells[c] for c in codes}, {c: s for c, s in cells.items() if c not in codes}


def after(cells, change):
    """Return the cells as they are once ``change`` is made; pieces are named by their turn."""
    left = {c: s for c, s in cells.items() if c not in change.ended} | dict(change.kept)
    new = {f"{change.ended[0]}.{n}": s for n, (_, s) in enumerate(change.begun)}
    return left | new


def test_a_cell_is_cut_by_a_line_and_its_neighbours_get_the_new_vertices():
    mine, others = chosen(chess(), "11")
    change = edit.split(mine, LineString([at(0.9, 1.5), at(2.1, 1.6)]), others)
    assert change.ended == ("11",)
    assert [origins for origins, _ in change.begun] == [("11",), ("11",)]
    assert set(change.kept) == {"01", "21"}
    assert_partition(GROUND, list(after(chess(), change).values()))


def test_a_line_may_cut_several_cells_at_once():
    mine, others = chosen(chess(), "01", "11", "21")
    change = edit.split(mine, LineString([at(-1, 1.5), at(4, 1.5)]), others)
    assert len(change.begun) == 6
    assert change.kept == {}
    assert_partition(GROUND, list(after(chess(), change).values()))


@pytest.mark.parametrize("short", [0, 3e-7], ids=["on the border", "3 cm before it"])
def test_a_line_from_border_to_border_cuts(short):
    mine, others = chosen(chess(), "11")
    line = LineString([at(1 + short / STEP, 1.5), at(2 - short / STEP, 1.5)])
    change = edit.split(mine, line, others)
    assert_partition(GROUND, list(after(chess(), change).values()))


def test_neighbours_are_merged_into_one():
    mine, others = chosen(chess(), "11", "12", "02")
    change = edit.merge(mine, others)
    assert [sorted(origins) for origins, _ in change.begun] == [["02", "11", "12"]]
    assert_partition(GROUND, list(after(chess(), change).values()))


def test_a_vertex_moves_in_all_cells_that_meet_there():
    change = edit.move(chess(), at(1, 1), at(1.3, 1.2), NOWHERE)
    assert set(change.ended) == {"00", "01", "10", "11"}
    assert_partition(GROUND, list(after(chess(), change).values()))


def test_a_place_on_an_edge_becomes_a_vertex_of_both_neighbours():
    change = edit.move(chess(), at(1, 1.5), at(1.2, 1.5), NOWHERE)
    assert set(change.ended) == {"01", "11"}
    cells = after(chess(), change)
    assert_partition(GROUND, list(cells.values()))
    grown = max(Scale.around(c).area(c) for c in cells.values())
    assert grown == pytest.approx(Scale.around(GROUND).area(GROUND) / 9 * 1.1, rel=1e-3)


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        (lambda c, o: edit.merge(*chosen(chess(), "00", "22")), "do not all share a border"),
        (lambda c, o: edit.merge(*chosen(chess(), "00", "11")), "do not all share a border"),
        (edit.merge, "two or more"),
        (lambda c, o: edit.split(c, LineString([at(1.2, 1.5), at(1.8, 1.5)]), o), "cuts none"),
        (lambda c, o: edit.split(c, LineString([at(3, 3), at(4, 4)]), o), "cuts none"),
        (lambda c, o: edit.split(c, LineString([at(1.001, 0), at(1.001, 3)]), o), "of 10 m²"),
        (lambda c, o: edit.move(o | c, at(1, 1), at(2.5, 2.5), NOWHERE), "borders cross"),
        (lambda c, o: edit.move(o | c, at(1.5, 1.5), at(1, 1), NOWHERE), "No cell has a border"),
        (
            lambda c, o: edit.move(o | c, at(1, 1), at(1, 1.1), LineString([at(0, 1), at(3, 1)])),
            "border of a community",
        ),
    ],
)
def test_what_would_leave_no_partition_is_refused(work, sentence):
    with pytest.raises(GeometryFault) as told:
        work(*chosen(chess(), "11"))
    assert sentence in told.value.message % told.value.facts


def test_neighbours_of_a_revived_cell_and_itself_share_their_vertices_again():
    mine, others = chosen(chess(), "11")
    change = edit.split(mine, LineString([at(0.9, 1.5), at(2.1, 1.6)]), others)
    around = {**others, **change.kept}
    again = edit.shared_again(mine, around)
    assert set(again) == {"11"}
    assert_partition(GROUND, list((around | mine | again).values()))


inner = st.tuples(st.floats(0.2, 2.8), st.floats(0.2, 2.8))
deeds = st.lists(
    st.tuples(st.sampled_from(["split", "merge", "move", "edge"]), inner, inner),
    min_size=1,
    max_size=6,
)


def do(cells, deed):
    """Try one change; refused ones change nothing."""
    verb, one, two = deed
    here, there = at(*one), at(*two)
    names = sorted(cells)
    try:
        if verb == "split":
            change = edit.split(cells, LineString([here, there]), {})
        elif verb == "merge":
            near = [c for c in names if cells[c].distance(shapely.Point(here)) < STEP / 3]
            change = edit.merge(*chosen(cells, *near))
        else:
            corners = shapely.get_coordinates([cells[c] for c in names])
            k = ((corners - here) ** 2).sum(axis=1).argmin()
            place = corners[k] if verb == "move" else (corners[k] + corners[k - 1]) / 2
            to = place + (corners[k] - there) / 9
            change = edit.move(cells, tuple(place), tuple(to), GROUND.boundary)
    except GeometryFault:
        return cells
    return after(cells, change)


@settings(deadline=None, max_examples=120)
@given(deeds)
def test_any_sequence_of_changes_keeps_the_ground_gapless_and_without_overlap(sequence):
    cells = chess()
    for deed in sequence:
        cells = do(cells, deed)
        assert_partition(GROUND, list(cells.values()))
    scale = Scale.around(GROUND)
    total = sum(scale.area(cell) for cell in cells.values())
    assert abs(total - scale.area(GROUND)) < TOLERANCE_M2
