"""Shapes of strangers: moved to degrees, or put aside with the first reason that fits."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon

from gis import shapes
from gis.shapes import Terms, judge, repaired
from gis.ways import way_from

CITY = (115.0, 36.0, 119.0, 37.0)
BOW = Polygon([(118, 36), (119, 37), (119, 36), (118, 37)])
DEGREES = way_from(None, "cgcs2000")
METRES = way_from("EPSG:4548", "cgcs2000")
AT_HOME = Terms(DEGREES, home=CITY)


def messages(judged):
    return [None if reason is None else reason.message for reason in judged.reasons]


def circle(vertices):
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    return Polygon(np.column_stack((118 + np.cos(angles) / 10, 36.5 + np.sin(angles) / 10)))


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (Point(118, 36.5), None),
        (Polygon([(118, 36), (119, 36), (119, 37)]), None),
        (None, shapes.NO_SHAPE),
        (Point(), shapes.EMPTY),
        (GeometryCollection([Point(118, 36), LineString([(118, 36), (119, 37)])]), shapes.MIXED),
        (circle(250_000), shapes.too_fine(250_001, 200_000).message),
        (Point(float("nan"), 36), shapes.NOT_FINITE),
        (LineString([(118, 36), (float("inf"), 36)]), shapes.NOT_FINITE),
        (Point(0, 0), shapes.NOWHERE),
        (Point(1e308, 36), shapes.NO_DEGREES),
        (Point(500_000, 4_050_000), shapes.NO_DEGREES),
        (Point(36.5, 118), shapes.SWAPPED),
        (BOW, shapes.INVALID),
    ],
)
def test_a_shape_gets_the_first_reason_that_fits(shape, reason):
    assert messages(judge([shape], AT_HOME)) == [reason]


def test_axes_are_told_from_the_city_where_both_orders_are_degrees():
    city = (10.0, 50.0, 11.0, 51.0)
    assert messages(judge([Point(50.5, 10.5)], Terms(DEGREES, home=city))) == [shapes.SWAPPED]
    assert messages(judge([Point(50.5, 10.5)], Terms(DEGREES))) == [None]


@pytest.mark.parametrize("number", [1e308, -1e12])
def test_what_the_projection_can_make_no_degrees_of_is_put_aside(number):
    judged = judge([Point(number, 4_050_000), Point(500_000, 4_050_000)], Terms(METRES))
    assert messages(judged) == [shapes.NO_DEGREES, None]


EXTENT = Terms(DEGREES, extent=CITY)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (Point(36.5, 118), shapes.SWAPPED),
        (Point(-118, 36.5), shapes.WRONG_SIGN),
        (LineString([(118, 36.5), (118, 38)]), shapes.ELSEWHERE),
        (LineString([(118, 36.5), (118, 36.6)]), None),
    ],
)
def test_nothing_is_believed_beyond_the_extent_that_was_said(shape, reason):
    assert messages(judge([shape], EXTENT)) == [reason]


def test_a_ring_that_a_repair_would_close_says_so_and_an_axis_that_would_be_turned():
    closed = np.array([Polygon([(118, 36), (119, 36), (119, 37)]), BOW, None, None], dtype=object)
    judged = judge([None, None, None, Point(36.5, 118)], EXTENT, closed)
    assert messages(judged) == [shapes.OPEN_RING, shapes.OPEN_RING, shapes.NO_SHAPE, shapes.SWAPPED]
    offered = {at: (one.what, one.shape.geom_type) for at, one in judged.repairs.items()}
    assert offered == {
        0: (shapes.CLOSE_RING, "Polygon"),
        1: (shapes.UNTANGLE, "MultiPolygon"),
        3: (shapes.TURN, "Point"),
    }


def test_a_repair_is_offered_beside_the_reason_and_taken_by_nobody():
    judged = judge([BOW, Point(118, 36.5)], AT_HOME)
    assert judged.shapes[0].equals(BOW)
    assert isinstance(judged.repairs[0].shape, MultiPolygon)
    assert judged.repairs[0].shape.area == pytest.approx(0.5)
    assert set(judged.repairs) == {0}


def test_heights_do_not_come_in():
    assert not judge([Point(118, 36.5, 40)], AT_HOME).shapes[0].has_z


corners = st.tuples(st.integers(0, 8), st.integers(0, 8))


@given(st.lists(corners, min_size=4, max_size=9, unique=True))
def test_a_repair_is_always_valid_and_of_the_same_dimension(ring):
    shape = Polygon(ring)
    fixed = repaired(shape)
    if fixed is not None:
        assert fixed.is_valid
        assert shapely.get_dimensions(fixed) == 2
