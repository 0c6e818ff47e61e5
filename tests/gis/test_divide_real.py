"""A real district is divided fast and without a fault."""

import gzip
import json
from pathlib import Path
from time import perf_counter

import pytest
import shapely
from shapely.geometry import shape

from gis.check import CellShape, check_cells
from gis.divide import divide_all, number
from gis.mesh import Scale
from grid_codes.profiles import cell_code, profile
from tests.gis.partition import assert_partition, assert_shared_vertices

BOUNDARIES = Path(__file__).parents[3] / "shared" / "data" / "boundaries"
STREETS = BOUNDARIES / "beijing_streets_331.geojson.gz"
DISTRICT = "东城区"

pytestmark = pytest.mark.skipif(
    not STREETS.exists(), reason="The street boundaries of Beijing are not beside the checkout."
)


@pytest.fixture(scope="module")
def streets():
    features = json.loads(gzip.decompress(STREETS.read_bytes()))["features"]
    # The file knows streets; each stands for its one community here.
    return {
        f["properties"]["code2020"] + "001": shape(f["geometry"])
        for f in features
        if f["properties"]["county"] == DISTRICT
    }


@pytest.fixture(scope="module")
def division(streets):
    begin = perf_counter()
    return divide_all(streets), perf_counter() - begin


def test_a_district_of_42_square_kilometres_takes_less_than_a_minute(division):
    cells, seconds = division
    assert 4_000 < sum(map(len, cells.values())) < 4_400
    assert seconds < 60


def test_each_street_is_covered_without_gap_or_overlap(streets, division):
    for code, street in streets.items():
        assert_partition(street, division[0][code])


def test_all_cells_of_the_district_share_their_vertices(division):
    assert_shared_vertices([cell for group in division[0].values() for cell in group])


def test_nearly_every_cell_has_the_wanted_size(streets, division):
    scale = Scale.around(shapely.union_all(list(streets.values())))
    areas = sorted(scale.area(cell) for group in division[0].values() for cell in group)
    assert areas[len(areas) // 100] > 8_000
    assert areas[-len(areas) // 100] < 12_000


def test_the_numbered_cells_pass_every_check(streets, division):
    rules = profile("GBT30428.2-2013")
    cells = [
        CellShape(cell_code(rules, community, at), cell)
        for community, group in division[0].items()
        for at, cell in zip(number(group), group, strict=True)
    ]
    assert check_cells(cells, streets, rules) == []
