"""Bad input: a clear sentence, a 4xx, and nothing changed."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.city import INSIDE

LON, LAT = INSIDE
GOOD = {"source": "inspector", "kind": "0102", "description": "垃圾", "lon": LON, "lat": LAT}
TABLES = ("cases", "case_steps", "outbox", "attempts", "case_photos", "callers", "case_counters")


@pytest.fixture
def counted(sessions):
    """Return a function that counts the rows of everything a write may touch."""

    def count():
        with sessions.begin() as session:
            return {t: session.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in TABLES}

    return count


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"kind": "9999"}, 422, "kind"),
        ({"kind": ""}, 422, "kind"),
        ({"kind": None}, 422, "kind"),
        ({"kind": {"$gt": ""}}, 422, "kind"),
        ({"kind": "E0102' OR 1=1"}, 422, "kind"),
        ({"lon": 10.0, "lat": 10.0}, 422, "lon"),
        ({"lon": LAT, "lat": LON}, 422, None),
        ({"lon": "abc"}, 422, "lon"),
        ({"lon": True}, 422, "lon"),
        ({"lon": 1e308}, 422, None),
        ({"lon": 0, "lat": 0}, 422, None),
        ({"lat": None}, 422, "lat"),
        ({"lat": [36.6]}, 422, "lat"),
        ({"coord_sys": "mars"}, 422, "coord_sys"),
        ({"part_code": "0000000000000000"}, 422, "part_code"),
        ({"part_code": "3799010103000001", "kind": "0101"}, 422, "part_code"),
        ({"photos": [str(uuid4())]}, 422, "photos"),
        ({"photos": ["x"]}, 422, "photos"),
        ({"photos": "x"}, 422, "photos"),
        ({"description": "长" * 5000}, 422, "description"),
        ({"description": 7}, 422, "description"),
        ({"description": "a\0b"}, 400, None),
        ({"source": "martian"}, 422, "source"),
        ({"client_uid": "x"}, 422, "client_uid"),
        ({"captured_at": "yesterday"}, 422, "captured_at"),
        ({"captured_at": "2026-11-22T09:00:00"}, 422, "captured_at"),
        ({"caller": "138"}, 422, "caller"),
        ({"address": "x" * 301}, 422, "address"),
    ],
)
def test_a_bad_report_names_its_fault_and_changes_nothing(api, counted, change, status, field):
    before = counted()
    reply = api("inspector").post("/api/v1/cases", {**GOOD, **change})
    assert reply.status_code == status, reply.text
    assert reply.mimetype == "application/problem+json"
    assert len(reply.json["detail"]) > 5
    if field:
        assert field in reply.json["fields"]
    assert counted() == before


@pytest.mark.parametrize(
    "raw",
    [
        b'{"kind": "0102", "lon": NaN, "lat": 36.6}',
        b'{"kind": "0102", "lon": Infinity, "lat": 36.6}',
        b'{"kind": "0102", "lon": 1e999, "lat": 36.6}',
        b"not json",
        b"[]",
        b"",
        b'"text"',
        b'{"kind": "\\ud800", "lon": 118.2, "lat": 36.6}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_is_not_a_json_object_of_finite_numbers_is_refused(api, counted, raw):
    before, program = counted(), api("inspector")
    reply = program.client.post(
        "/api/v1/cases", data=raw, headers=program.headers, content_type="application/json"
    )
    assert 400 <= reply.status_code < 500, reply.text
    assert reply.json["detail"]
    assert counted() == before


def test_swapped_coordinates_are_recognised(api):
    reply = api("inspector").post("/api/v1/cases", {**GOOD, "lon": LAT, "lat": LON})
    assert "颠倒" in reply.json["detail"]


def begin(program, **change):
    return program.post("/api/v1/cases", {**GOOD, **change}).json


def test_a_stale_screen_is_told_the_present_state(api, counted):
    leader = api("leader1")
    case = begin(api("inspector"))
    step = {"action": "accept", "answers": {}, "seen": 1}
    assert leader.post(f"/api/v1/cases/{case['uid']}/steps", step).status_code == 201
    before = counted()
    reply = leader.post(f"/api/v1/cases/{case['uid']}/steps", step)
    assert reply.status_code == 409
    assert (reply.json["current"]["state"], reply.json["current"]["seen"]) == ("accepted", 2)
    assert counted() == before


def test_a_repeated_key_gives_the_same_answer_and_another_body_is_refused(api, counted):
    inspector, key = api("inspector"), str(uuid4())
    first = inspector.post("/api/v1/cases", GOOD, key=key)
    before = counted()
    again = inspector.post("/api/v1/cases", GOOD, key=key)
    assert (again.status_code, again.json) == (201, first.json)
    other = inspector.post("/api/v1/cases", {**GOOD, "description": "别的"}, key=key)
    assert other.status_code == 422
    assert counted() == before


def test_a_key_must_be_a_uuid(api):
    assert api("inspector").post("/api/v1/cases", GOOD, key="hello").status_code == 400


def test_a_device_that_reports_again_is_told_of_the_case_it_began(api, counted):
    inspector, uid = api("inspector"), str(uuid4())
    first = begin(inspector, client_uid=uid)
    before = counted()
    assert begin(inspector, client_uid=uid)["uid"] == first["uid"]
    assert counted() | {"attempts": 0} == before | {"attempts": 0}


@pytest.mark.parametrize(
    ("who", "action", "answers", "status"),
    [
        ("leader1", "close", {}, 422),
        ("leader1", "fly", {}, 422),
        ("leader1", "", {}, 422),
        ("dispatcher", "accept", {}, 403),
        ("inspector", "accept", {}, 403),
        ("dispatcher_yun", "accept", {}, 404),
        ("sanitation", "accept", {}, 404),
        ("leader1", "accept", {"kind": "E9999"}, 422),
        ("leader1", "accept", {"kind": ["E0102"]}, 422),
        ("leader1", "reject", {}, 422),
        ("leader1", "accept", "kind", 422),
    ],
)
def test_an_action_that_is_not_offered_is_refused(api, counted, who, action, answers, status):
    case = begin(api("inspector"))
    program, before = api(who), counted()
    body = {"action": action, "answers": answers, "seen": 1}
    reply = program.post(f"/api/v1/cases/{case['uid']}/steps", body)
    assert reply.status_code == status, reply.text
    assert reply.json["detail"]
    assert counted() == before


def act(program, uid, seen, action, **answers):
    reply = program.post(
        f"/api/v1/cases/{uid}/steps", {"action": action, "answers": answers, "seen": seen}
    )
    return reply


def condition(program, uid):
    actions = program.get(f"/api/v1/cases/{uid}").json["actions"]
    asks = {a["action"]: a["asks"] for a in actions}["file"]
    return asks[0]["options"][0]["value"]


@pytest.fixture
def dispatched(api):
    """Return the uid of a case that was dispatched to the sanitation department."""
    leader, uid = api("leader1"), begin(api("inspector"))["uid"]
    assert act(leader, uid, 1, "accept").status_code == 201
    assert act(leader, uid, 2, "file", condition=condition(leader, uid)).status_code == 201
    assert act(api("dispatcher"), uid, 3, "dispatch", department="HW").status_code == 201
    return uid


def test_a_department_neither_sees_nor_signs_for_anothers_case(api, dispatched, counted):
    before = counted()
    assert api("gardens").get(f"/api/v1/cases/{dispatched}").status_code == 404
    assert act(api("gardens"), dispatched, 4, "sign").status_code == 404
    assert counted() == before


def test_dispatching_to_an_unknown_department_is_refused(api):
    leader, uid = api("leader1"), begin(api("inspector"))["uid"]
    act(leader, uid, 1, "accept")
    act(leader, uid, 2, "file", condition=condition(leader, uid))
    reply = act(api("dispatcher"), uid, 3, "dispatch", department="NOWHERE")
    assert (reply.status_code, "department" in reply.json["fields"]) == (422, True)


def test_a_report_without_a_photo_of_the_result_is_refused(api, dispatched):
    sanitation = api("sanitation")
    assert act(sanitation, dispatched, 4, "sign").status_code == 201
    reply = act(sanitation, dispatched, 5, "report_done", result="好了")
    assert (reply.status_code, "photos" in reply.json["fields"]) == (422, True)


def test_an_inspector_may_report_outside_the_own_area_and_follows_the_report(api):
    inspector = api("inspector_yun")
    uid = begin(inspector)["uid"]
    assert inspector.get(f"/api/v1/cases/{uid}").status_code == 200
    assert uid in [c["uid"] for c in inspector.get("/api/v1/cases", mine="reports").json["items"]]
    assert api("dispatcher_yun").get(f"/api/v1/cases/{uid}").status_code == 404


def test_a_missing_case_and_a_foreign_one_are_told_the_same(api, dispatched):
    gardens = api("gardens")
    foreign = gardens.get(f"/api/v1/cases/{dispatched}").json
    missing = gardens.get(f"/api/v1/cases/{uuid4()}").json
    assert foreign["detail"] == missing["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"bbox": "1,2,3"},
        {"bbox": "a,b,c,d"},
        {"bbox": "nan,0,1,1"},
        {"bbox": "3,3,1,1"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"after": "x"},
        {"due": "never"},
        {"q": "x" * 101},
        {"q": "a\0"},
    ],
)
def test_a_bad_filter_is_refused(api, query):
    reply = api("leader1").get("/api/v1/cases", **query)
    assert 400 <= reply.status_code < 500, reply.text


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/locate", {"lon": "nan", "lat": "36.6"}),
        ("/api/v1/locate", {"lon": "118.2"}),
        ("/api/v1/locate", {"lon": "118.2", "lat": "36.6", "coord_sys": "mars"}),
        ("/api/v1/locate", {"lon": "36.6", "lat": "118.2"}),
        ("/api/v1/locate", {"lon": "1", "lat": "1"}),
        ("/api/v1/parts", {"bbox": "1"}),
        ("/api/v1/parts", {"kind": "9999"}),
        ("/api/v1/parts/none", {}),
        ("/api/v1/parts/%00", {}),
        ("/api/v1/cases/%00", {}),
        ("/api/v1/cases/%F0%9F%98%80", {}),
        ("/api/v1/cases", {"cell": "a\0"}),
        ("/tiles/cells/99999999999999999999/1/1.mvt", {}),
        ("/api/v1/feed", {"after": "-1"}),
        ("/api/v1/evaluations/departments", {"period": "2026-13"}),
        ("/api/v1/evaluations/planets", {}),
        ("/api/v1/evaluations/departments/HW/cases", {"indicator": "x", "period": "2026-11"}),
        ("/tiles/cells/3/9/9.mvt", {}),
        ("/tiles/moon/3/1/1.mvt", {}),
    ],
)
def test_a_bad_question_is_answered_with_a_sentence(api, path, query):
    reply = api("leader1").get(path, **query)
    assert 400 <= reply.status_code < 500, reply.text
    assert reply.json["detail"]
