"""OGC API – Features: what programs of others read, the right way round, and what nobody reads."""

import json
from urllib.request import urlopen

import pyogrio
import pytest
import shapely
from owslib.ogcapi.features import Features
from pyproj import Transformer
from sqlalchemy import text

from app.exchange import rules
from app.kernel.errors import AppError
from tests.browser.house import running
from tests.city import COLUMNS, INSIDE, ROWS, SOUTH, STEP, WEST
from tests.conftest import clone

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
MERCATOR = Transformer.from_crs(4326, 3857, always_xy=True)
FIRST = "37990100100101"
SECRETS = ("description", "reporter", "caller", "phone", "address", "inspector", "uid")


@pytest.fixture(scope="module")
def origin(template, tmp_path_factory):
    for database in clone(template):
        with running(database, tmp_path_factory.mktemp("ogc")) as address:
            yield address


def get(client, path, **query):
    return client.get(f"/ogc{path}", query_string=query)


def items(client, name="cells", **query):
    answer = get(client, f"/collections/{name}/items", **query)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.data)


def ring(feature):
    return feature["geometry"]["coordinates"][0]


def test_gdal_reads_every_cell_with_longitude_first(origin):
    frame = pyogrio.raw.read(f"OAPIF:{origin}/ogc", layer="cells")
    meta, _, shapes, _ = frame
    found = shapely.from_wkb(shapes)
    assert len(found) == COLUMNS * ROWS
    assert meta["crs"] in {"OGC:CRS84", "EPSG:4326", "EPSG:4490"}
    west, south, east, north = shapely.total_bounds(found)
    expected = [WEST, SOUTH, WEST + COLUMNS * STEP, SOUTH + ROWS * STEP]
    assert [west, south, east, north] == pytest.approx(expected, abs=1e-7)


def test_gdal_narrows_by_a_box_and_pages_through_what_is_left(origin):
    box = (WEST + 0.0002, SOUTH + 0.0002, WEST + 0.0018, SOUTH + 0.0008)
    _, _, shapes, _ = pyogrio.raw.read(f"OAPIF:{origin}/ogc", layer="cells", bbox=box)
    assert len(shapes) == 2
    _, _, shapes, _ = pyogrio.raw.read(f"OAPIF:{origin}/ogc", layer="cells", PAGE_SIZE="5")
    assert len(shapes) == COLUMNS * ROWS


def test_owslib_reads_collections_items_and_a_box(origin):
    service = Features(f"{origin}/ogc/")
    assert sorted(service.feature_collections()) == ["cases", "cells", "parts"]
    box = [WEST + 0.0002, SOUTH + 0.0002, WEST + 0.0008, SOUTH + 0.0008]
    found = service.collection_items("cells", bbox=box)
    assert [one["id"] for one in found["features"]] == [FIRST]
    assert ring(found["features"][0])[0] == pytest.approx([WEST, SOUTH])
    assert service.collection_item("cells", FIRST)["id"] == FIRST
    assert "/collections/parts/items" in service.api()["paths"]


def test_everything_promised_by_the_landing_page_answers(origin):
    with urlopen(f"{origin}/ogc/") as answer:
        links = {link["rel"]: link["href"] for link in json.load(answer)["links"]}
    for rel in ("service-desc", "conformance", "data"):
        with urlopen(links[rel]) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("crs", "first"),
    [
        (rules.CRS84, [WEST, SOUTH]),
        (f"{EPSG}4490", [SOUTH, WEST]),
        (f"{EPSG}4326", [SOUTH, WEST]),
        (f"{EPSG}3857", MERCATOR.transform(WEST, SOUTH)),
    ],
)
def test_axes_stand_as_the_coordinate_system_orders_them(client, crs, first):
    answer = get(client, f"/collections/cells/items/{FIRST}", crs=crs)
    assert answer.headers["Content-Crs"] == f"<{crs}>"
    assert ring(answer.json or json.loads(answer.data))[0] == pytest.approx(
        first, abs=1e-6, rel=1e-9
    )


@pytest.mark.parametrize(
    ("box", "crs"),
    [
        (f"{WEST + 2e-4},{SOUTH + 2e-4},{WEST + 8e-4},{SOUTH + 8e-4}", rules.CRS84),
        (f"{SOUTH + 2e-4},{WEST + 2e-4},{SOUTH + 8e-4},{WEST + 8e-4}", f"{EPSG}4326"),
        (f"{SOUTH + 2e-4},{WEST + 2e-4},{SOUTH + 8e-4},{WEST + 8e-4}", f"{EPSG}4490"),
        (f"{WEST + 2e-4},{SOUTH + 2e-4},0,{WEST + 8e-4},{SOUTH + 8e-4},9", rules.CRS84),
    ],
)
def test_one_box_finds_one_cell_in_whatever_system_it_is_asked(client, box, crs):
    found = items(client, bbox=box, **{"bbox-crs": crs})
    assert [one["id"] for one in found["features"]] == [FIRST]


def test_pages_follow_each_other_without_gap_or_repetition(client):
    seen, path = [], "/ogc/collections/cells/items?limit=7&district=379901"
    while path:
        page = json.loads(client.get(path).data)
        seen += [one["id"] for one in page["features"]]
        path = next((one["href"] for one in page["links"] if one["rel"] == "next"), None)
    assert len(seen) == len(set(seen)) == COLUMNS * ROWS / 2
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    "query",
    [
        {"bbox": "1,2,3"},
        {"bbox": "1e308,36,1e309,37"},
        {"bbox": "nan,36,118,37"},
        {"bbox": "36.6,118.2,36.7,118.3"},
        {"bbox": "119,36,118,37"},
        {"bbox": "118,36,119,37", "bbox-crs": f"{EPSG}9999"},
        {"crs": "EPSG:4326"},
        {"limit": "0"},
        {"limit": "ten"},
        {"datetime": "yesterday"},
        {"datetime": "2026-11-23/2026-11-01"},
        {"colour": "red"},
    ],
)
def test_what_makes_no_sense_is_a_400_that_says_so(client, query):
    answer = get(client, "/collections/cells/items", **query)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["detail"]


@pytest.mark.parametrize("path", ["/collections/people", "/collections/people/items",
                                  "/collections/cells/items/none"])  # fmt: skip
def test_what_is_not_offered_is_a_404(client, path):
    assert get(client, path).status_code == 404


def test_a_collection_reserved_for_a_post_is_public_no_more(client, sessions):
    with sessions.begin() as session:
        session.execute(text("UPDATE layers SET posts = '{leader}' WHERE name = 'parts'"))
    try:
        assert get(client, "/collections/parts/items").status_code == 404
        names = [one["id"] for one in get(client, "/collections").json["collections"]]
        assert names == ["cells", "cases"]
    finally:
        with sessions.begin() as session:
            session.execute(text("UPDATE layers SET posts = '{}' WHERE name = 'parts'"))


def test_parts_are_found_by_kind_and_their_owner_is_not_told(client):
    (part,) = items(client, "parts", kind="0103")["features"]
    assert part["properties"]["name"] == "雨水井盖"
    assert "owner" not in part["properties"]
    assert items(client, "parts", kind="0102")["features"] == []


@pytest.fixture
def case(api, sessions):
    lon, lat = INSIDE[0] + 0.00003, INSIDE[1] + 0.00004
    body = {"kind": "0102", "lon": lon, "lat": lat, "description": "王某某家门口, 13800000000"}
    uid = api("inspector").post("/api/v1/cases", body).json["uid"]
    with sessions.begin() as session:
        session.execute(
            text("UPDATE cases SET number = :n WHERE uid = :uid"),
            {"n": f"T{uid[:8]}", "uid": uid},
        )
    yield f"T{uid[:8]}", lon, lat
    with sessions.begin() as session:
        session.execute(text("UPDATE cases SET number = NULL WHERE uid = :uid"), {"uid": uid})


def test_a_public_case_names_nobody_and_lies_within_twenty_metres(client, case):
    number, lon, lat = case
    answer = get(client, f"/collections/cases/items/{number}")
    assert "王某某" not in answer.text
    assert "1380" not in answer.text
    feature = json.loads(answer.data)
    assert not set(SECRETS) & set(feature["properties"])
    x, y = feature["geometry"]["coordinates"]
    assert (x, y) != (lon, lat)
    assert abs(x - lon) <= 0.0001 + 1e-9
    assert abs(y - lat) <= 0.0001 + 1e-9


def test_small_boxes_do_not_give_the_exact_place_of_a_case_away(client, case):
    number, lon, lat = case
    x, y = items(client, "cases")["features"][-1]["geometry"]["coordinates"]

    def found(west, south, size):
        box = f"{west - size},{south - size},{west + size},{south + size}"
        return number in [one["id"] for one in items(client, "cases", bbox=box)["features"]]

    assert found(x, y, 1e-6)
    assert not found(lon, lat, 1e-6)


def test_a_case_that_was_never_filed_is_not_public(client, api):
    body = {"kind": "0102", "lon": INSIDE[0], "lat": INSIDE[1], "description": "x"}
    assert api("inspector").post("/api/v1/cases", body).status_code == 201
    assert all(one["id"] for one in items(client, "cases")["features"])


@pytest.mark.parametrize(
    ("given", "begin", "end"),
    [
        ("2026-11-23", "2026-11-23T00:00:00+08:00", "2026-11-23T23:59:59.999999+08:00"),
        ("2026-11-01/2026-11-23", "2026-11-01T00:00:00+08:00", "2026-11-23T23:59:59.999999+08:00"),
        ("../2026-11-23T08:00:00Z", None, "2026-11-23T08:00:00+00:00"),
        ("2026-11-23T08:00:00Z/", "2026-11-23T08:00:00+00:00", None),
        (None, None, None),
    ],
)
def test_periods_are_days_instants_and_open_ends(given, begin, end):
    found = tuple(at.isoformat() if at else None for at in rules.period(given))
    assert found == (begin, end)


def test_a_box_of_heights_is_read_as_a_box():
    asked = rules.asked(rules.COLLECTIONS["cells"], {"bbox": "1,2,0,3,4,9"})
    assert asked.box == (1, 2, 3, 4)
    with pytest.raises(AppError):
        rules.asked(rules.COLLECTIONS["cells"], {"bbox": "1,2,0,3,4"})
