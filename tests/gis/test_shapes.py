"""Shapes of strangers: moved to degrees, or put aside with the first reason that fits."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon

from gis import shapes
from gis.shapes import judge, repaired
from gis.ways import way_from

CITY = (115.0, 36.0, 119.0, 37.0)
BOW = Polygon([(118, 36), (119, 37), (119, 36), (118, 37)])
DEGREES = way_from(None, "cgcs2000")
METRES = way_from("EPSG:4548", "cgcs2000")


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
        (circle(250_000), shapes.TOO_FINE),
        (Point(float("nan"), 36), shapes.NOT_FINITE),
        (LineString([(118, 36), (float("inf"), 36)]), shapes.NOT_FINITE),
        (Point(0, 0), shapes.NOWHERE),
        (Point(1e308, 36), shapes.NO_DEGREES),
        (Point(500_000, 4_050_000), shapes.NO_DEGREES),
        (Point(36.5, 118), shapes.SWAPPED),
        (BOW, shapes.CROSSES_ITSELF),
    ],
)
def test_a_shape_gets_the_first_reason_that_fits(shape, reason):
    assert judge([shape], DEGREES, CITY).reasons == (reason,)


def test_axes_are_told_from_the_city_where_both_orders_are_degrees():
    city = (10.0, 50.0, 11.0, 51.0)
    assert judge([Point(50.5, 10.5)], DEGREES, city).reasons == (shapes.SWAPPED,)
    assert judge([Point(50.5, 10.5)], DEGREES, None).reasons == (None,)


@pytest.mark.parametrize("number", [1e308, -1e12])
def test_what_the_projection_can_make_no_degrees_of_is_put_aside(number):
    judged = judge([Point(number, 4_050_000), Point(500_000, 4_050_000)], METRES, None)
    assert judged.reasons == (shapes.NO_DEGREES, None)


def test_a_repair_is_offered_beside_the_reason_and_taken_by_nobody():
    judged = judge([BOW, Point(118, 36.5)], DEGREES, CITY)
    assert judged.shapes[0].equals(BOW)
    assert isinstance(judged.repairs[0], MultiPolygon)
    assert judged.repairs[0].area == pytest.approx(0.5)
    assert judged.repairs[1] is None


def test_heights_do_not_come_in():
    assert not judge([Point(118, 36.5, 40)], DEGREES, CITY).shapes[0].has_z


corners = st.tuples(st.integers(0, 8), st.integers(0, 8))


@given(st.lists(corners, min_size=4, max_size=9, unique=True))
def test_a_repair_is_always_valid_and_of_the_same_dimension(ring):
    shape = Polygon(ring)
    fixed = repaired(shape)
    if fixed is not None:
        assert fixed.is_valid
        assert shapely.get_dimensions(fixed) == 2
