"""Point to cell: inside, on an edge, on a corner, in another coordinate system, outside."""

import pytest

from gis.crs import from_cgcs2000
from tests.city import INSIDE, SOUTH, STEP, WEST

LON, LAT = INSIDE


def test_a_point_is_told_its_cell_its_divisions_and_an_address(api):
    found = api("leader1").get("/api/v1/locate", lon=LON, lat=LAT).json
    assert found["cell"] == "37990100100101"
    assert found["district"] == {"code": "379901", "name": "澄湖区"}
    assert found["street"] == {"code": "379901001", "name": "澄湖街道"}
    assert found["community"] == {"code": "379901001001", "name": "澄湖第1社区"}
    assert found["beat"]["name"] == "责任网格379901"
    assert found["address"] == "澄湖区澄湖街道澄湖第1社区柳园路附近"
    assert [p["code"] for p in found["parts"]] == ["3799010103000001"]
    assert found["parts"][0]["distance"] < 20


@pytest.mark.parametrize(
    ("column", "row", "cell"),
    [(1, 0.5, "37990100100101"), (0.5, 1, "37990100100101"), (1, 1, "37990100100101"),
     (0, 0, "37990100100101"), (6, 0.5, "37990100100209")],
)  # fmt: skip
def test_a_point_on_an_edge_belongs_to_the_cell_with_the_lowest_code(api, column, row, cell):
    lon, lat = round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)
    assert api("leader1").get("/api/v1/locate", lon=lon, lat=lat).json["cell"] == cell


@pytest.mark.parametrize("system", ["gcj02", "bd09", "wgs84", "cgcs2000"])
def test_every_coordinate_system_leads_to_the_same_cell(api, system):
    lon, lat = from_cgcs2000(LON, LAT, system)
    found = api("leader1").get("/api/v1/locate", lon=lon, lat=lat, coord_sys=system).json
    assert found["cell"] == "37990100100101"


def test_parts_are_found_by_box_kind_and_words(api):
    leader = api("leader1")
    box = f"{WEST},{SOUTH},{WEST + STEP},{SOUTH + STEP}"
    for query in ({"bbox": box}, {"kind": "0103"}, {"q": "井盖"}, {"q": "379901"}):
        assert [p["code"] for p in leader.get("/api/v1/parts", **query).json["items"]] == [
            "3799010103000001"
        ]
    assert leader.get("/api/v1/parts", kind="0402").json["items"] == []
    assert leader.get("/api/v1/parts/3799010103000001").json["kind"] == "0103"
