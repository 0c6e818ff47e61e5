"""What every division of an area must be, said once for the tests."""

import shapely

from gis.mesh import Scale

TOLERANCE_M2 = 1.0


def assert_partition(area, cells):
    """Fail unless ``cells`` cover ``area`` without gap or overlap and share their vertices."""
    scale = Scale.around(area)
    assert all(cell.is_valid and cell.geom_type == "Polygon" for cell in cells)
    assert abs(sum(scale.area(cell) for cell in cells) - scale.area(area)) < TOLERANCE_M2
    assert scale.area(shapely.union_all(cells).symmetric_difference(area)) < TOLERANCE_M2
    assert_shared_vertices(cells)


def assert_shared_vertices(cells):
    """Fail if a border of two cells has a vertex that only one of them has."""
    assert shapely.coverage_is_valid(cells)
