"""Neighbours in a mesh have the same vertices."""

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from gis.crs import degree_lengths
from gis.mesh import GRID, WELD, Scale, on_grid, share_vertices
from tests.gis.partition import assert_shared_vertices

LEFT = box(116.0, 36.0, 116.001, 36.002)
LOWER_RIGHT = box(116.001, 36.0, 116.002, 36.001)
UPPER_RIGHT = box(116.001, 36.001, 116.002, 36.002)


def vertices(polygon):
    return {tuple(place) for place in shapely.get_coordinates(polygon)}


def test_a_vertex_on_a_neighbours_edge_becomes_the_neighbours_too():
    left, *right = share_vertices([LEFT, LOWER_RIGHT, UPPER_RIGHT])
    assert vertices(left) - vertices(LEFT) == {(116.001, 36.001)}
    assert_shared_vertices([left, *right])
    assert right == [LOWER_RIGHT, UPPER_RIGHT]


def test_a_vertex_in_a_hole_is_shared_with_the_polygon_around_it():
    around = Polygon(
        LEFT.exterior, [[(116.0002, 36.0002), (116.0008, 36.0002), (116.0005, 36.001)]]
    )
    island = Polygon(
        [(116.0002, 36.0002), (116.0005, 36.0002), (116.0008, 36.0002), (116.0005, 36.001)]
    )
    shared = share_vertices([around, island])
    assert_shared_vertices(shared)
    assert vertices(island) <= vertices(shared[0])


def test_vertices_a_hair_apart_become_one():
    hair = WELD / 2
    lower = box(116.001, 36.0, 116.002, 36.001 + hair)
    left = Polygon([LEFT.exterior.coords[0], (116.001, 36.001), *LEFT.exterior.coords[1:]])
    shared = share_vertices([left, lower, UPPER_RIGHT])
    assert_shared_vertices(shared)
    assert shapely.area(shared).sum() == pytest.approx(4e-6 * 0.5 + 2e-6, rel=1e-3)


def test_a_spike_of_no_width_is_taken_off():
    foot, tip, other_foot = (116.0005 + GRID, 36.001), (116.0005, 36.002), (116.0005, 36.001)
    spiked = Polygon(
        [(116, 36), (116.001, 36), (116.001, 36.001), foot, tip, other_foot, (116, 36.001)]
    )
    (mended,) = share_vertices([spiked])
    assert mended.equals(box(116, 36, 116.001, 36.001))


def test_vertices_further_apart_stay_two():
    apart = box(116.001 + 3 * WELD, 36.0, 116.002, 36.002)
    assert share_vertices([LEFT, apart]) == [LEFT, apart]


def test_no_polygons_make_an_empty_mesh():
    assert share_vertices([]) == []


def test_the_grid_is_a_tenth_of_a_millimetre():
    moved = on_grid(shapely.Point(116.00000000049, 36.0000000006))
    assert moved.coords[0] == (116.0, 36.000000001)
    assert GRID * degree_lengths(36.0)[1] == pytest.approx(0.00011, rel=0.01)


def test_metres_and_degrees_lead_to_each_other():
    scale = Scale.around(LEFT)
    places = np.array([[116.0, 36.0], [116.001, 36.002]])
    assert scale.degrees(scale.metres(places)) == pytest.approx(places)
    assert scale.area(LEFT) == pytest.approx(90.1 * 221.9, rel=1e-3)
