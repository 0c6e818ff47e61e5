"""Positions keep their place through every coordinate system."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from gis.crs import (
    CoordSys,
    degree_lengths,
    epsg_transformer,
    from_cgcs2000,
    metres_frame,
    to_cgcs2000,
    transform_geometry,
)
from gis.faults import GeometryFault

LIAOCHENG = (115.9853, 36.4568)
BEIJING = (116.4, 39.9)
SHIFTED = [CoordSys.GCJ02, CoordSys.BD09]


def metres_between(one, other):
    across, along = degree_lengths(one[1])
    return float(np.hypot((one[0] - other[0]) * across, (one[1] - other[1]) * along))


@pytest.mark.parametrize(
    ("place", "shift"),
    [(LIAOCHENG, (0.005680, 0.000087)), (BEIJING, (0.006243, 0.001403))],
)
def test_gcj02_is_shifted_by_the_known_value(place, shift):
    lon, lat = from_cgcs2000(*place, CoordSys.GCJ02)
    assert (lon - place[0], lat - place[1]) == pytest.approx(shift, abs=2e-6)


def test_bd09_is_shifted_further_by_the_known_value():
    shifted = from_cgcs2000(*LIAOCHENG, CoordSys.BD09)
    assert shifted == pytest.approx((115.997554, 36.462590), abs=2e-6)


@settings(deadline=None)
@given(lon=st.floats(74, 135), lat=st.floats(18, 53), coord_sys=st.sampled_from(CoordSys))
def test_there_and_back_is_the_same_place_within_half_a_metre(lon, lat, coord_sys):
    there = from_cgcs2000(lon, lat, coord_sys)
    assert metres_between((lon, lat), to_cgcs2000(*there, coord_sys)) <= 0.5


@pytest.mark.parametrize("place", [(8.54, 47.37), (-77.04, 38.9), (151.2, -33.87), (0.0, 0.0)])
def test_outside_china_gcj02_changes_nothing(place):
    assert from_cgcs2000(*place, CoordSys.GCJ02) == place
    assert to_cgcs2000(*place, CoordSys.GCJ02) == place


@pytest.mark.parametrize("coord_sys", [CoordSys.CGCS2000, CoordSys.WGS84])
def test_wgs84_counts_as_cgcs2000(coord_sys):
    assert to_cgcs2000(*LIAOCHENG, coord_sys) == LIAOCHENG


@pytest.mark.parametrize("coord_sys", SHIFTED)
def test_an_array_is_moved_like_its_members(coord_sys):
    lon, lat = np.array([115.9853, 8.54]), np.array([36.4568, 47.37])
    together = np.column_stack(from_cgcs2000(lon, lat, coord_sys))
    alone = [from_cgcs2000(x, y, coord_sys) for x, y in zip(lon, lat, strict=True)]
    assert together.tolist() == [list(place) for place in alone]


def test_the_inputs_are_left_as_they_were():
    lon, lat = np.array([115.9853]), np.array([36.4568])
    to_cgcs2000(lon, lat, CoordSys.BD09)
    assert (lon[0], lat[0]) == LIAOCHENG


@pytest.mark.parametrize("coord_sys", SHIFTED)
def test_every_vertex_of_a_geometry_is_moved(coord_sys):
    places = [(116.0, 36.0), (116.1, 36.0), (116.1, 36.1)]
    shifted = Polygon([from_cgcs2000(*place, coord_sys) for place in places])
    back = list(transform_geometry(shifted, coord_sys).exterior.coords)
    assert max(map(metres_between, back, [*places, places[0]])) < 0.01


@pytest.mark.parametrize(
    ("epsg", "easting", "northing", "place"),
    [
        (4548, 500_000, 4_000_000, (117.0, 36.1303)),
        (32650, 500_000, 4_000_000, (117.0, 36.1447)),
        (2056, 2_600_000, 1_200_000, (7.4386, 46.9511)),
        (4490, 115.9853, 36.4568, LIAOCHENG),
        (4326, 115.9853, 36.4568, LIAOCHENG),
    ],
)
def test_a_projected_source_comes_to_degrees_longitude_first(epsg, easting, northing, place):
    assert epsg_transformer(epsg).transform(easting, northing) == pytest.approx(place, abs=1e-4)


@pytest.mark.parametrize(
    ("epsg", "sentence"),
    [
        (999_999, "EPSG:999999 is not a known"),
        (2383, "no exact way from EPSG:2383"),
        (4610, "no exact way from EPSG:4610"),
    ],
    ids=["no such number", "Xian 1980 in a plane", "Xian 1980 in degrees"],
)
def test_a_source_that_cannot_be_placed_exactly_is_refused(epsg, sentence):
    with pytest.raises(GeometryFault, match=sentence):
        epsg_transformer(epsg)


@pytest.mark.parametrize(
    ("lon", "epsg"),
    [(73.6, 4534), (115.4, 4547), (115.9853, 4548), (117.0, 4548), (136.4, 4554)],
)
def test_a_place_in_china_gets_the_plane_of_its_meridian(lon, epsg):
    assert metres_frame(lon).crs.to_epsg() == epsg


@pytest.mark.parametrize("place", [LIAOCHENG, (8.54, 47.37), (-77.04, 38.9), (179.9, -33.0)])
def test_a_plane_measures_metres_and_leads_back(place):
    lon, lat = place
    frame, line = (
        metres_frame(lon),
        LineString([place, (lon + 0.01, lat), (lon + 0.01, lat + 0.01)]),
    )
    across, along = degree_lengths(lat)
    assert frame.to_metres(line).length == pytest.approx((across + along) / 100, rel=1e-3)
    assert frame.from_metres(frame.to_metres(Point(place))).coords[0] == pytest.approx(place)


def test_a_degree_has_the_length_of_the_ellipsoid():
    assert degree_lengths(0) == pytest.approx((111_319.49, 110_574.28), abs=0.1)
    assert degree_lengths(90) == pytest.approx((0, 111_693.98), abs=0.1)


@settings(deadline=None)
@given(lon=st.floats(73.45, 135.1), lat=st.floats(3.4, 53.6), coord_sys=st.sampled_from(SHIFTED))
def test_both_ways_agree_up_to_the_ends_of_the_country(lon, lat, coord_sys):
    there = from_cgcs2000(lon, lat, coord_sys)
    back = to_cgcs2000(*there, coord_sys)
    assert metres_between((lon, lat), back) <= 0.5
    assert metres_between(there, from_cgcs2000(*back, coord_sys)) <= 0.5
