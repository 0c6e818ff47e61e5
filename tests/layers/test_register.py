"""Own layers from file to map: drafts, quality, publishing, going back, who sees what, repairs."""

import json
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.layers import register
from tests.city import SOUTH, WEST
from tests.layers.test_tiles import fetch
from tests.layers.working import collection, draft, new_layer, polygon, publish, send, square, work

BOW = [[WEST, SOUTH], [WEST + 4e-4, SOUTH + 4e-4], [WEST + 4e-4, SOUTH], [WEST, SOUTH + 4e-4]]
GOOD = collection(
    square(WEST + 1e-4, SOUTH + 1e-4, kind="park", name="柳园", trees=12),
    square(WEST + 3e-3, SOUTH + 1e-4, kind="park", name="东园", trees=30),
    square(WEST + 5e-3, SOUTH + 1e-4, kind="square", trees=None),
)


@pytest.fixture
def admin(api):
    return api("admin")


@pytest.fixture
def layer(admin):
    return new_layer(admin)


def latest(admin, layer):
    return admin.get(f"/api/v1/layers/{layer}").json["all_versions"][0]


def test_a_draft_is_seen_by_nobody_until_it_is_published(app, api, admin, layer):
    job = draft(app, admin, layer, "parks.geojson", GOOD)
    assert (job["state"], job["result"]["stored"]) == ("done", 3)
    assert fetch(api("leader1"), layer, 16).status_code == 404
    assert publish(admin, layer, job["result"]["version"]).status_code == 201
    tile = fetch(api("leader1"), layer, 16)
    assert tile.status_code == 200
    assert "柳园".encode() in tile.data
    assert layer in [one["name"] for one in api("leader1").get("/api/v1/layers").json["items"]]


def test_an_earlier_version_can_be_published_again(app, api, admin, layer):
    first = draft(app, admin, layer, "a.geojson", GOOD)["result"]["version"]
    renamed = GOOD.replace(json.dumps("柳园").encode(), json.dumps("新园").encode())
    second = draft(app, admin, layer, "b.geojson", renamed)["result"]["version"]
    seen = {}
    for version in (first, second, first):
        publish(admin, layer, version)
        tile = fetch(api("leader1"), layer, 16)
        seen[version] = tile.headers["ETag"]
        assert ("新园".encode() in tile.data) == (version == second)
    assert seen[first] != seen[second]
    publish(admin, layer, None)
    assert fetch(api("leader1"), layer, 16).status_code == 404


def test_a_copy_of_a_published_layer_stays_true(app, api, admin, layer):
    publish(admin, layer, draft(app, admin, layer, "a.geojson", GOOD)["result"]["version"])
    first = fetch(api("leader1"), layer, 16)
    again = fetch(api("leader1"), layer, 16, **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_a_layer_reserved_for_a_post_is_a_404_for_others(app, api, admin, layer):
    publish(admin, layer, draft(app, admin, layer, "a.geojson", GOOD)["result"]["version"])
    seen = admin.get(f"/api/v1/layers/{layer}").json
    body = {"posts": ["leader"], "revision": seen["revision"], "min_zoom": 12}
    assert admin.post(f"/api/v1/layers/{layer}", body).status_code == 201
    assert fetch(api("mayor"), layer, 16).status_code == 200
    assert fetch(api("leader1"), layer, 16).status_code == 404
    assert layer not in [one["name"] for one in api("leader1").get("/api/v1/layers").json["items"]]
    assert fetch(api("mayor"), layer, 11).data == b""


def test_a_system_layer_reserved_for_others_is_told_to_maps_as_hidden(api, admin):
    seen = admin.get("/api/v1/layers/parts").json
    body = {"posts": ["leader"], "revision": seen["revision"]}
    changed = admin.post("/api/v1/layers/parts", body).json
    assert api("leader1").get("/api/v1/layers").json["hidden"] == ["parts"]
    assert fetch(api("leader1"), "parts", 16).status_code == 404
    admin.post("/api/v1/layers/parts", {"posts": [], "revision": changed["revision"]})
    assert api("leader1").get("/api/v1/layers").json["hidden"] == []


def test_several_layers_come_in_one_tile_and_one_hidden_layer_hides_all(app, api, admin, layer):
    both = fetch(api("leader1"), "base,cells", 15)
    assert b"37990100100101" in both.data
    assert "柳园路".encode() in both.data
    assert fetch(api("leader1"), f"base,{layer}", 15).status_code == 404
    assert fetch(api("leader1"), "base,cells,beats,parts,cases", 15).status_code == 404


def test_the_quality_of_a_version_is_told(app, admin, layer):
    file = collection(
        square(WEST + 1e-4, SOUTH + 1e-4, kind="a"),
        square(WEST + 1e-4, SOUTH + 1e-4, kind="a"),
        square(WEST + 2e-4, SOUTH + 1e-4, kind="b"),
        square(100.0, 30.0, kind="far"),
        square(WEST + 3e-3, SOUTH + 1e-4),
    )
    draft(app, admin, layer, "a.geojson", file)
    report = latest(admin, layer)["report"]
    assert (report["duplicates"], report["outside"], report["bare"]) == (1, 1, 1)
    assert report["overlaps"] == 3
    assert report["largest_overlap_m2"] == pytest.approx(1590, rel=0.02)
    assert report["types"] == {"POLYGON": 5}
    assert report["complete"] == {"kind": 4}


def test_figures_of_a_version_are_counted_on_the_ellipsoid(app, admin, layer, sessions):
    draft(app, admin, layer, "a.geojson", GOOD)
    found = latest(admin, layer)["statistics"]
    with sessions.begin() as session:
        area = "SELECT sum(ST_Area(geom::geography)) FROM layer_features f JOIN layer_versions v"
        area += " ON v.id = f.version_id JOIN layers l ON l.id = v.layer_id WHERE l.name = :name"
        expected = session.execute(text(area), {"name": layer}).scalar()
    assert found["area_m2"] == pytest.approx(expected)
    trees = next(one for one in found["attributes"] if one["key"] == "trees")
    assert (trees["least"], trees["most"], trees["mean"], trees["filled"]) == (12, 30, 21, 2)
    kinds = next(one for one in found["attributes"] if one["key"] == "kind")
    assert kinds["common"] == [["park", 2], ["square", 1]]
    assert found["areas"] == [{"level": "district", "code": "379901", "name": "379901", "n": 3}]


def test_a_shape_that_crosses_itself_waits_for_somebody_to_take_its_repair(app, api, admin, layer):
    file = collection(polygon([*BOW, BOW[0]], name="领结"), square(WEST + 3e-3, SOUTH, name="好"))
    job = draft(app, admin, layer, "a.geojson", file)["result"]
    assert (job["stored"], job["quarantined"]) == (1, 1)
    at = f"/api/v1/layers/{layer}/versions/{job['version']}"
    (offered,) = admin.get(f"{at}/features").json["repairs"]
    assert (offered["row"], offered["geometry"]["type"]) == (1, "MultiPolygon")
    assert admin.post(f"{at}/repairs", {"rows": [7]}).json == {"accepted": 0}
    assert admin.post(f"{at}/repairs", {"rows": [1]}).json == {"accepted": 1}
    assert admin.post(f"{at}/repairs", {}).json == {"accepted": 0}
    assert len(admin.get(f"{at}/features").json["features"]) == 2
    publish(admin, layer, job["version"])
    assert admin.post(f"{at}/repairs", {}).status_code == 422


BAD = {
    "not closed": (polygon(BOW), "闭合"),
    "empty": ({"type": "Feature", "properties": {}, "geometry": None}, "闭合"),
    "swapped": (square(SOUTH, WEST), "颠倒"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_row_that_cannot_be_placed_is_put_aside_with_its_reason(app, admin, layer, name):
    shape, reason = BAD[name]
    job = draft(app, admin, layer, "a.geojson", collection(square(WEST, SOUTH), shape))
    assert (job["result"]["stored"], job["result"]["quarantined"]) == (1, 1)
    page = admin.get(f"/admin/layers/quarantine/{job['result']['import']}.csv")
    lines = page.data.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("2,")
    assert reason in lines[1]


@pytest.mark.parametrize("number", ["1e308", "NaN", "500000"])
def test_numbers_that_are_no_degrees_are_put_aside(app, admin, layer, number):
    file = f"name,lon,lat\ngood,{WEST},{SOUTH}\nbad,{number},36.6\n".encode()
    job = draft(app, admin, layer, "a.csv", file)
    assert (job["result"]["stored"], job["result"]["quarantined"]) == (1, 1)


def test_a_file_in_a_projected_system_is_moved_to_degrees(app, admin, layer):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4527"}}
    file = collection(square(39_607_000.0, 4_053_000.0, 40.0, name="x"), crs=crs)
    draft(app, admin, layer, "a.geojson", file)
    west, south, _, _ = latest(admin, layer)["report"]["bbox"]
    assert (west, south) == (pytest.approx(118.2, abs=0.1), pytest.approx(36.6, abs=0.1))


def test_a_file_of_an_unknown_system_is_refused_as_a_whole(app, admin, layer):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4610"}}
    job = draft(app, admin, layer, "a.geojson", collection(square(WEST, SOUTH), crs=crs))
    assert job["state"] == "refused"
    assert "EPSG:4610" in job["error"]


def test_a_stale_edit_is_a_conflict_with_the_present_state(admin, layer):
    body = {"title": "新名", "revision": 1}
    assert admin.post(f"/api/v1/layers/{layer}", body).status_code == 201
    answer = admin.post(f"/api/v1/layers/{layer}", {**body, "title": "又名"})
    assert answer.status_code == 409
    assert answer.json["current"]["title"] == "新名"


def test_sending_twice_enters_once(admin):
    key, body = str(uuid4()), {"name": f"l_{uuid4().hex[:8]}", "title": "x"}
    first = admin.post("/api/v1/layers", body, key=key)
    assert admin.post("/api/v1/layers", body, key=key).json["id"] == first.json["id"]
    assert admin.post("/api/v1/layers", body).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Big", "title": "x"},
        {"name": "x", "title": "x"},
        {"name": "a-b", "title": "x"},
        {"name": "ok_name"},
        {"title": "x"},
    ],
)
def test_a_layer_without_a_plain_name_or_a_title_is_refused(admin, body):
    assert admin.post("/api/v1/layers", body).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"min_zoom": 23},
        {"min_zoom": 18, "max_zoom": 10},
        {"posts": ["king"]},
        {"posts": "leader"},
        {"surveyed_on": "yesterday"},
        {"title": ""},
    ],
)
def test_what_the_register_cannot_hold_is_refused(admin, layer, body):
    assert admin.post(f"/api/v1/layers/{layer}", {**body, "revision": 1}).status_code == 422


@pytest.mark.parametrize("who", ["leader1", "inspector", "mayor"])
def test_only_who_edits_layers_changes_the_register(api, layer, who):
    program = api(who)
    for path, body in (
        ("", {"revision": 1}),
        ("/publish", {"revision": 1}),
        ("/styles", {"revision": 1, "document": {}}),
        ("/versions", {"upload": str(uuid4())}),
        ("/count", {}),
    ):
        assert program.post(f"/api/v1/layers/{layer}{path}", body).status_code == 403
    assert program.get("/admin/layers").status_code == 403


def test_the_citys_own_layers_have_no_versions(app, admin):
    body = {"upload": send(admin, "a.geojson", GOOD)}
    assert admin.post("/api/v1/layers/cells/versions", body).status_code == 422
    assert publish(admin, "cells", None).status_code == 422


def test_the_figures_of_the_citys_own_layers_are_counted_when_asked(app, admin, sessions, people):
    for layer in ("base", "beats", "cells", "parts", "cases"):
        work(app, admin, admin.post(f"/api/v1/layers/{layer}/count", {}).json["job"])
        with sessions.begin() as session:
            kept = register.one(session, people["admin"], layer)["statistics"]
        assert "classes" in kept
        if layer == "cells":
            assert sum(one["n"] for one in kept["classes"]) == 48
