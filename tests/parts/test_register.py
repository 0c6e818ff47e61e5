"""The register through its API: filters, one part whole, adding, changing, history, photos."""

from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from tests.importing import house

CODE = "3799010103000001"
HERE = {"type": "Point", "coordinates": [118.2035, 36.6012]}
SQUARE = {
    "type": "Polygon",
    "coordinates": [
        [[118.203, 36.601], [118.2034, 36.601], [118.2034, 36.6014], [118.203, 36.601]]
    ],
}


@pytest.fixture(scope="module")
def app(template, tmp_path_factory):
    yield from house(template, tmp_path_factory.mktemp("data"))


@pytest.fixture
def admin(api):
    return api("admin")


def add(admin, kind="0104", geometry=HERE, **changes):
    answer = admin.post(
        "/api/v1/parts", {"kind": kind, "geometry": geometry, "changes": changes, "reason": "新装"}
    )
    assert answer.status_code == 201, answer.text
    return answer.json


def edit(admin, part, **body):
    body = {"seen": part["version"], "reason": "", **body}
    return admin.post(f"/api/v1/parts/{part['code']}/steps", body)


def codes(admin, **query):
    return [item["code"] for item in admin.get("/api/v1/parts", **query).json["items"]]


def test_a_part_is_added_with_the_next_code_of_its_district_and_its_cell(admin):
    first = add(admin, state="damaged", owner="SZ", external_id="L-7", upkeep_name="路灯所")
    second = add(admin)
    assert first["code"][:10] == "3799010104"
    assert int(second["code"]) == int(first["code"]) + 1
    assert (first["cell"][:6], first["owner_name"]) == ("379901", "市政中心")
    assert (first["street_name"], first["kind_geometry"]) == ("澄湖街道", "point")
    whole = admin.get(f"/api/v1/parts/{first['code']}").json
    assert [(step["action"], step["reason"]) for step in whole["steps"]] == [("add", "新装")]


def test_a_change_notes_what_was_before_and_who_did_it(admin):
    part = add(admin)
    changed = edit(
        admin, part, changes={"state": "damaged", "note": "井盖开裂"}, reason="巡查"
    ).json
    assert (changed["state"], changed["version"]) == ("damaged", 2)
    assert changed["changed_on"] is not None
    moved = {"type": "Point", "coordinates": [118.2045, 36.6022]}
    third = edit(admin, changed, geometry=moved).json
    assert third["cell"] != part["cell"]
    steps = admin.get(f"/api/v1/parts/{part['code']}").json["steps"]
    assert [step["position"] for step in steps] == [3, 2, 1]
    assert steps[1]["changes"] == {"state": ["intact", "damaged"], "note": ["", "井盖开裂"]}
    assert (steps[1]["who"], steps[1]["reason"]) == ("测试admin", "巡查")
    assert list(steps[0]["changes"]) == ["geom"]


def test_a_stale_change_is_told_what_stands_there_now(admin):
    part = add(admin)
    edit(admin, part, changes={"note": "一"})
    late = edit(admin, part, changes={"note": "二"})
    assert late.status_code == 409
    assert late.json["current"]["note"] == "一"


def test_the_same_key_adds_one_part(admin):
    body, key = {"kind": "0104", "geometry": HERE, "changes": {}, "reason": ""}, str(uuid4())
    first = admin.post("/api/v1/parts", body, key=key).json
    assert admin.post("/api/v1/parts", body, key=key).json["code"] == first["code"]


@pytest.mark.parametrize(
    ("kind", "geometry", "sentence"),
    [
        ("0104", SQUARE, "与该小类不符"),
        ("0405", {"type": "LineString", "coordinates": [[118.2, 36.6], [118.3, 36.6]]}, "不符"),
        ("0104", {"type": "Point", "coordinates": [118.9, 36.9]}, "不在本市任何区"),
        ("0104", {"type": "Point", "coordinates": [0, 0]}, "不在本市任何区"),
        ("0104", {"type": "Point", "coordinates": [36.6012, 118.2035]}, "36.6012, 118.2035"),
        ("0104", {"type": "Point", "coordinates": [36.6012, 82]}, "不在本市任何区"),
        ("0104", {"type": "Point", "coordinates": [1e308, 36]}, "1e+308"),
        ("0405", {"type": "Polygon", "coordinates": [[[118, 36], [118.1, 36.1], [118, 36.1]]]},
         "没有闭合"),
        ("0104", {**HERE, "crs": {"type": "name"}}, "crs"),
        ("E0102", HERE, "事件"),
    ],
)  # fmt: skip
def test_a_shape_that_does_not_fit_is_refused_with_a_sentence(admin, kind, geometry, sentence):
    body = {"kind": kind, "geometry": geometry, "changes": {}, "reason": ""}
    answer = admin.post("/api/v1/parts", body)
    assert answer.status_code == 422
    assert sentence in answer.json["detail"]


def test_an_area_is_taken_as_polygon_or_as_the_point_that_stands_for_it(admin):
    assert add(admin, "0405", SQUARE)["geometry"]["type"] == "Polygon"
    assert add(admin, "0405", HERE)["geometry"]["type"] == "Point"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"state": "好"}, "state"),
        ({"begun_on": "yesterday"}, "begun_on"),
        ({"name": ""}, "name"),
        ({"name": "长" * 31}, "name"),
        ({"owner": "XX"}, "owner"),
        ({"code": "1"}, "code"),
        ({"state": "lost"}, "reason"),
    ],
)
def test_a_wrong_field_is_named(admin, changes, field):
    answer = edit(admin, add(admin), changes=changes)
    assert answer.status_code == 422
    assert list(answer.json["fields"]) == [field]


def test_filters_find_by_every_field_and_leave_out_what_is_removed(admin):
    part = add(admin, "0204", owner="HW", external_id="站牌-19", name="东门站牌")
    code = part["code"]
    for query in (
        {"kind": "0204"}, {"owner": "HW"}, {"q": "站牌-19"}, {"q": "东门"}, {"q": code[:14]},
        {"district": "379901", "kind": "0204"}, {"big": "02"}, {"cell": part["cell"]},
        {"bbox": "118.2034,36.6011,118.2036,36.6013"},
    ):  # fmt: skip
        assert code in codes(admin, **query), query
    for query in ({"district": "379902"}, {"state": "damaged"}, {"big": "05"}, {"q": "西门"}):
        assert code not in codes(admin, **query), query
    edit(admin, part, changes={"state": "removed"}, reason="拆除")
    assert code not in codes(admin, kind="0204")
    assert code in codes(admin, kind="0204", state="removed")
    assert admin.get("/api/v1/parts", state="good").status_code == 422


def test_pages_follow_each_other_without_gap_or_repeat(admin):
    made = {add(admin, "0214")["code"] for _ in range(5)}
    seen, after = [], ""
    while after is not None:
        page = admin.get("/api/v1/parts", kind="0214", limit=2, after=after).json
        seen += [item["code"] for item in page["items"]]
        after = page["next"]
    assert sorted(made) == seen


def test_the_nearest_of_a_kind_come_with_their_distance(admin):
    near = add(admin, "0203", {"type": "Point", "coordinates": [118.2065, 36.602]})
    far = add(admin, "0203", {"type": "Point", "coordinates": [118.2015, 36.602]})
    found = admin.get("/api/v1/parts", near="118.2066,36.602", kind="0203").json["items"]
    assert [item["code"] for item in found] == [near["code"], far["code"]]
    assert found[0]["distance"] == pytest.approx(8.9, abs=0.3)


def test_a_photo_is_a_line_of_history_and_shown_to_readers(admin, api, client):
    part = add(admin)
    file = BytesIO()
    Image.new("RGB", (64, 48), (9, 99, 9)).save(file, "JPEG")
    file.seek(0)
    sent = admin.client.post(
        f"/api/v1/parts/{part['code']}/photos",
        data={"file": (file, "a.jpg")},
        headers=admin.headers,
    )
    assert sent.status_code == 201, sent.text
    (photo,) = admin.get(f"/api/v1/parts/{part['code']}").json["steps"][0]["photos"]
    path = f"/api/v1/parts/{part['code']}/photos/{photo}"
    assert api("agent").get(path, size="thumb").mimetype == "image/jpeg"
    assert api("agent").get(f"/api/v1/parts/{CODE}/photos/{photo}").status_code == 404
    assert client.get(path).status_code in (302, 401)


def test_history_cannot_be_changed(admin, sessions):
    add(admin)
    with sessions() as session, pytest.raises(Exception, match="append-only"):
        session.connection().exec_driver_sql("UPDATE part_steps SET reason = 'x'")


def test_only_who_may_edit_parts_changes_them_and_the_kinds(api):
    agent = api("agent")
    assert agent.post("/api/v1/parts", {}).status_code == 403
    assert agent.post(f"/api/v1/parts/{CODE}/steps", {}).status_code == 403
    assert agent.post("/api/v1/part-kinds/0104", {}).status_code == 403


def test_geometry_kind_and_accuracy_class_are_rows(admin):
    body = {"geometry": "polygon", "accuracy_class": "C"}
    assert admin.post("/api/v1/part-kinds/0606", body).json["geometry"] == "polygon"
    assert add(admin, "0606", SQUARE)["accuracy_class"] == "C"
    wrong = admin.post("/api/v1/part-kinds/0606", {"geometry": "cube", "accuracy_class": "C"})
    assert wrong.status_code == 422
    admin.post("/api/v1/part-kinds/0606", {"geometry": "line", "accuracy_class": "B"})
