"""The routing table and the calendars over HTTP: ties, dry runs, suggestions, refusals."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app import cli, create_app
from tests.city import INSIDE, STEP, WEST, Program
from tests.conftest import config_for

LON, LAT = INSIDE
ROW = {"kind": "E0504", "area": "379901", "department": "HW"}


@pytest.fixture
def house(fresh_database, tmp_path):
    """Return the application on a city of its own."""
    found = create_app(config_for(fresh_database, tmp_path))
    cli.install(found)
    yield found
    found.extensions["engine"].dispose()


@pytest.fixture
def admin(house):
    return Program(house, "admin")


def suggested(program, **asked):
    found = program.get("/api/v1/routes/suggestion", **{"lon": LON, "lat": LAT, **asked})
    assert found.status_code == 200, found.text
    return found.json["suggestion"]


def test_a_row_is_stored_and_then_suggested_with_its_reason(admin):
    assert admin.post("/api/v1/routes", {"save": [ROW]}).status_code == 201
    found = suggested(admin, kind="E0504")
    assert (found["department"], found["source"]) == ("HW", "table")
    assert "E0504" in found["why"]
    assert [one["department"] for one in found["passed"]] == ["SZ"]
    assert 0 < found["sure"] <= 1


def test_a_tie_is_refused_with_the_other_row_and_nothing_is_stored(admin):
    admin.post("/api/v1/routes", {"save": [ROW]})
    before = admin.get("/api/v1/routes").json["items"]
    reply = admin.post("/api/v1/routes", {"save": [{**ROW, "department": "YL"}]})
    assert reply.status_code == 409
    assert "HW" in reply.json["detail"]
    assert "E0504" in reply.json["detail"]
    assert admin.get("/api/v1/routes").json["items"] == before


def test_rows_for_different_times_do_not_tie_and_each_has_its_hour(admin):
    night = {**ROW, "department": "YL", "begins": "20:00", "ends": "06:00"}
    off = {**ROW, "department": "SZ", "days": "off"}
    assert admin.post("/api/v1/routes", {"save": [ROW, night, off]}).status_code == 201
    for at, department in (
        ("2026-11-23T10:00", "HW"),
        ("2026-11-23T23:30", "YL"),
        ("2026-11-23T05:59", "YL"),
        ("2026-11-22T10:00", "SZ"),
    ):
        assert suggested(admin, kind="E0504", at=at)["department"] == department


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("", None, None), ("", None, None)),
        (("", "20:00", "06:00"), ("", "05:00", "07:00")),
        (("off", None, None), ("off", None, None)),
        (("", "22:00", "23:59"), ("", "23:59", "01:00")),
    ],
)
def test_the_database_itself_refuses_a_tie(house, one, other):
    add = text(
        "INSERT INTO routes (kind, area, department, days, begins, ends) VALUES"
        " ('E09', '', 'HW', :days, CAST(:begins AS time), CAST(:ends AS time))"
    )
    names = ("days", "begins", "ends")
    with house.extensions["sessions"]() as session:
        session.execute(add, dict(zip(names, one, strict=True)))
        with pytest.raises(IntegrityError, match="ex_routes_tie"):
            session.execute(add, dict(zip(names, other, strict=True)))


def test_rows_are_replaced_and_removed(admin):
    admin.post("/api/v1/routes", {"save": [ROW]})
    row = next(r for r in admin.get("/api/v1/routes").json["items"] if r["kind"] == "E0504")
    changed = {**ROW, "department": "YL", "id": row["id"]}
    assert admin.post("/api/v1/routes", {"save": [changed]}).status_code == 201
    assert suggested(admin, kind="E0504")["department"] == "YL"
    row = next(r for r in admin.get("/api/v1/routes").json["items"] if r["kind"] == "E0504")
    assert admin.post("/api/v1/routes", {"remove": [row["id"]]}).status_code == 201
    assert suggested(admin, kind="E0504")["department"] == "SZ"
    assert admin.post("/api/v1/routes", {"remove": [row["id"]]}).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "E99"}, "kind"),
        ({"kind": "0102"}, "kind"),
        ({"area": "999999"}, "area"),
        ({"department": "XX"}, "department"),
        ({"department": ""}, "department"),
        ({"days": "sunday"}, "days"),
        ({"begins": "25:00", "ends": "06:00"}, "begins"),
        ({"begins": "20:00"}, "begins"),
        ({"begins": "20:00", "ends": "20:00"}, "begins"),
    ],
)
def test_a_wrong_row_names_its_fault(admin, change, field):
    reply = admin.post("/api/v1/routes", {"save": [{**ROW, **change}]})
    assert reply.status_code == 422, reply.text
    assert field in reply.json["fields"]


def test_a_part_goes_to_its_owner_and_a_beat_to_its_department(house, admin):
    found = suggested(admin, kind="0103", part_code="3799010103000001")
    assert (found["department"], found["source"]) == ("SZ", "part")
    with house.extensions["sessions"].begin() as session:
        beat = session.execute(text("SELECT id FROM beats WHERE district = '379901'")).scalar_one()
    given = {"beat": beat, "kind": "E05", "department": "YL"}
    assert admin.post("/api/v1/handbook/beats", given).status_code == 201
    found = suggested(admin, kind="E0504")
    assert (found["department"], found["source"]) == ("YL", "beat")
    assert suggested(admin, kind="E0102")["source"] == "table"
    assert admin.post("/api/v1/handbook/beats", {**given, "department": ""}).status_code == 201
    assert suggested(admin, kind="E0504")["source"] == "table"


def test_within_fifteen_metres_of_a_border_both_are_offered(admin):
    border = WEST + 6 * STEP
    metre = STEP / 89.4
    for metres, codes in ((10, ["YL"]), (20, [])):
        found = suggested(admin, kind="E0102", lon=border - metres * metre)
        assert found["department"] == "HW"
        assert [one["department"] for one in found["border"]] == codes


def test_a_case_at_a_border_offers_both_departments_first(house):
    leader, dispatcher = Program(house, "leader1"), Program(house, "dispatcher")
    report = {"kind": "0102", "lon": WEST + 6 * STEP - 0.00005, "lat": LAT, "description": "x"}
    uid = leader.post("/api/v1/cases", report).json["uid"]
    for action, needed in (("accept", ()), ("file", ("condition",))):
        shown = leader.get(f"/api/v1/cases/{uid}").json
        asks = next(a["asks"] for a in shown["actions"] if a["action"] == action)
        answers = {a["name"]: a["options"][0]["value"] for a in asks if a["name"] in needed}
        body = {"action": action, "answers": answers, "seen": shown["seen"]}
        assert leader.post(f"/api/v1/cases/{uid}/steps", body).status_code == 201
    shown = dispatcher.get(f"/api/v1/cases/{uid}").json
    asks = next(a["asks"] for a in shown["actions"] if a["action"] == "dispatch")
    offered = next(a["options"] for a in asks if a["name"] == "department")
    assert [one["value"] for one in offered[:2]] == ["HW", "YL"]
    assert shown["route"]["border"][0]["department"] == "YL"


def filed(house, kind="0504"):
    leader = Program(house, "leader1")
    report = {"kind": kind, "lon": LON, "lat": LAT, "description": "x"}
    uid = leader.post("/api/v1/cases", report).json["uid"]
    with house.extensions["sessions"].begin() as session:
        session.execute(
            text("UPDATE cases SET filed_at = now(), number = :number WHERE uid = :uid"),
            {"uid": uid, "number": uuid4().hex},
        )
    return uid


def test_a_dry_run_says_which_of_last_months_cases_would_go_elsewhere(house, admin):
    uid, _ = filed(house), filed(house, "0102")
    before = admin.get("/api/v1/routes").json["items"]
    found = admin.post("/api/v1/routes/dry-run", {"save": [ROW]})
    assert found.status_code == 200, found.text
    assert (found.json["count"], found.json["moved"]) == (2, 1)
    assert [one["uid"] for one in found.json["items"]] == [uid]
    assert found.json["ways"] == [{"from": "市政中心", "to": "环卫中心", "count": 1}]
    assert admin.get("/api/v1/routes").json["items"] == before
    tie = admin.post("/api/v1/routes/dry-run", {"save": [ROW, ROW]})
    assert tie.status_code == 409


def test_limits_are_listed_for_each_grade_and_one_grade_can_have_its_own(house, admin):
    listed = admin.get("/api/v1/handbook/conditions", kind="E0102").json["items"]
    one = listed[0]
    own = {"limit": 9, "unit": "wh", "grade": "C", "effective_from": "2000-01-01"}
    path = f"/api/v1/handbook/conditions/{one['id']}/limits"
    assert admin.post(path, own).status_code == 201
    again = admin.get("/api/v1/handbook/conditions", kind="E0102").json["items"][0]
    assert again["limits"]["C"] == {**again["limits"]["C"], "value": 9, "own": True}
    assert again["limits"]["A"] == one["limits"]["A"]
    assert admin.post(path, {**own, "limit": 10}).status_code == 201
    again = admin.get("/api/v1/handbook/conditions", kind="E0102").json["items"][0]
    assert again["limits"]["C"]["value"] == 10


def test_a_case_in_a_core_area_is_filed_with_the_limit_of_its_grade(house):
    with house.extensions["sessions"].begin() as session:
        session.execute(text("UPDATE cells SET grade = 'A'"))
    leader = Program(house, "leader1")
    report = {"kind": "0102", "lon": LON, "lat": LAT, "description": "x"}
    uid = leader.post("/api/v1/cases", report).json["uid"]
    body = {"action": "accept", "answers": {}, "seen": 1}
    leader.post(f"/api/v1/cases/{uid}/steps", body)
    asks = leader.get(f"/api/v1/cases/{uid}").json["actions"][0]["asks"]
    assert asks[0]["options"][0]["label"].split(" · ")[1].startswith("3 ")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("calendars", {"weekdays": "8"}, "weekdays"),
        ("calendars", {"spans": []}, "spans"),
        ("calendars", {"spans": [["08:00", "12:00"], ["11:00", "13:00"]]}, "spans"),
        ("calendars", {"spans": [["12:00", "08:00"]]}, "spans"),
        ("calendars", {"effective_from": "soon"}, "effective_from"),
        ("assignments", {"whose": "moon"}, "whose"),
        ("assignments", {"code": "XX"}, "code"),
        ("assignments", {"calendar": "moon"}, None),
        ("shares", {"A": 0}, "A"),
        ("shares", {"effective_from": "2000-01-01"}, "effective_from"),
        ("calendars/default/days", {"working": 1}, "working"),
        ("calendars/moon/days", {}, None),
    ],
)
def test_a_wrong_setting_names_its_fault(admin, path, body, field):
    good = {
        "calendars": {"calendar": "x", "weekdays": "12345", "spans": [["08:00", "12:00"]]},
        "assignments": {"whose": "department", "code": "HW", "calendar": "default"},
        "shares": {"A": 0.8, "B": 1, "C": 1.2},
        "calendars/default/days": {"day": "2026-12-01", "working": False, "name": "x"},
        "calendars/moon/days": {"day": "2026-12-01", "working": False, "name": "x"},
    }[path]
    reply = admin.post(f"/api/v1/handbook/{path}", {"effective_from": "2099-01-01", **good, **body})
    assert reply.status_code == 422, reply.text
    assert field is None or field in reply.json["fields"]


def test_a_day_is_closed_opened_and_given_back_to_the_week(house, admin):
    runner = house.test_cli_runner()
    asked = ["deadline", "--start", "2026-03-10 17:00", "--limit", "2", "--unit", "wh"]
    for working, due in ((False, "2026-03-12 09:00"), (None, "2026-03-11 09:00")):
        body = {"day": "2026-03-11", "working": working, "name": "x"}
        assert admin.post("/api/v1/handbook/calendars/default/days", body).status_code == 201
        assert runner.invoke(args=asked).output.splitlines()[0] == f"due {due}"


@pytest.mark.parametrize("who", ["dispatcher", "leader1", "evaluator"])
def test_others_may_not_change_the_handbook(house, who):
    assert Program(house, who).post("/api/v1/routes", {"save": [ROW]}).status_code == 403


def test_the_handbook_is_the_whole_citys(house, admin):
    with house.extensions["sessions"].begin() as session:
        session.execute(text("UPDATE people SET area = '379901' WHERE username = 'admin'"))
    assert admin.post("/api/v1/routes", {"save": [ROW]}).status_code == 403
    assert admin.post("/api/v1/routes/dry-run", {"save": [ROW]}).status_code == 403
