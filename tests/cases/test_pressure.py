"""Urging and supervision orders: who may, how often, by which clock, what the journal says."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from app.cases.pressure import rules
from app.kernel.errors import AppError
from tests.cases.pressing import dispatched, reported, rows

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ORDER = {"words": "今日办结", "limit": 4, "unit": "wh", "weight": 2}


@pytest.mark.parametrize(
    ("minutes", "allowed"), [(None, True), (0, False), (29.9, False), (30, True), (600, True)]
)
def test_one_person_urges_a_case_at_most_every_half_hour(minutes, allowed):
    last = None if minutes is None else AT - timedelta(minutes=minutes)
    if allowed:
        return rules.check_urge(closed=False, last=last, at=AT)
    with pytest.raises(AppError, match="a moment ago"):
        rules.check_urge(closed=False, last=last, at=AT)
    return None


@pytest.mark.parametrize(
    ("closed", "department", "weight", "says"),
    [
        (True, "HW", 1, "closed"),
        (False, None, 1, "No department"),
        (False, "HW", -1, "weight"),
        (False, "HW", 11, "weight"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(closed, department, weight, says):
    with pytest.raises(AppError, match=says):
        rules.check_order(closed=closed, department=department, weight=weight)


@pytest.mark.parametrize(
    ("state", "giver", "post", "allowed"),
    [
        ("answered", 7, "shift_leader", True),
        ("answered", 8, "shift_leader", False),
        ("answered", 8, "leader", True),
        ("open", 7, "shift_leader", False),
        ("ended", 7, "leader", False),
    ],
)
def test_an_answer_is_judged_once_by_its_giver_or_a_leader(state, giver, post, allowed):
    who = SimpleNamespace(person_id=7, post=post)
    if allowed:
        return rules.check_decision(state, giver, who)
    with pytest.raises(AppError):
        rules.check_decision(state, giver, who)
    return None


@pytest.mark.parametrize(
    ("state", "holder", "department", "allowed"),
    [
        ("open", "HW", "HW", True),
        ("open", "HW", "YL", False),
        ("open", None, None, False),
        ("answered", "HW", "HW", False),
        ("ended", "HW", "HW", False),
    ],
)
def test_only_the_department_that_holds_the_case_answers_an_open_order(
    state, holder, department, allowed
):
    if allowed:
        return rules.check_answer(state, holder, department)
    with pytest.raises(AppError):
        rules.check_answer(state, holder, department)
    return None


def test_an_urge_is_a_line_of_the_journal_that_moves_nothing(api, sessions):
    uid = dispatched(api)
    before = api("dispatcher").get(f"/api/v1/cases/{uid}").json
    answer = api("dispatcher").post(f"/api/v1/cases/{uid}/urges", {"words": "请加快"})
    assert answer.status_code == 201
    after = api("dispatcher").get(f"/api/v1/cases/{uid}").json
    assert (after["state"], after["due_at"]) == (before["state"], before["due_at"])
    assert after["seen"] == before["seen"] + 1
    assert after["steps"][-1]["action"] == "urge"
    assert after["steps"][-1]["answers"] == [{"name": "words", "label": "内容", "value": "请加快"}]
    again = api("dispatcher").post(f"/api/v1/cases/{uid}/urges", {"words": "再催"})
    assert again.status_code == 422
    assert "分钟" in again.json["detail"]
    assert api("leader1").post(f"/api/v1/cases/{uid}/urges", {"words": "催"}).status_code == 201


def test_an_urge_sent_twice_under_one_key_is_one_urge(api, sessions):
    uid, key = reported(api), "6dd17d2b-4a3f-4a5e-9a5e-4ae1f0e6f001"
    who = api("dispatcher")
    first = who.post(f"/api/v1/cases/{uid}/urges", {"words": "x"}, key=key)
    assert who.post(f"/api/v1/cases/{uid}/urges", {"words": "x"}, key=key).json == first.json
    found = rows(
        sessions,
        "SELECT count(*) FROM case_urges u JOIN cases c ON c.id = u.case_id WHERE c.uid = :uid",
        uid=uid,
    )
    assert found[0][0] == 1


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("inspector", "urges", {"words": "x"}),
        ("sanitation", "urges", {"words": "x"}),
        ("dispatcher", "orders", ORDER),
    ],
)
def test_a_post_without_the_permission_presses_nobody(api, who, path, body):
    uid = dispatched(api)
    assert api(who).post(f"/api/v1/cases/{uid}/{path}", body).status_code == 403


def test_a_dispatcher_of_another_district_does_not_see_the_case(api):
    uid = reported(api)
    path = f"/api/v1/cases/{uid}/urges"
    assert api("dispatcher_yun").post(path, {"words": "x"}).status_code == 404


def test_an_order_is_answered_found_wanting_answered_again_and_ended(api):
    uid = dispatched(api)
    given = api("mayor").post(f"/api/v1/cases/{uid}/orders", ORDER)
    assert given.status_code == 201, given.text
    order = f"/api/v1/orders/{given.json['order']}"
    assert api("gardens").post(f"{order}/answers", {"words": "x"}).status_code == 404
    assert api("mayor").post(f"{order}/decisions", {"verdict": "accepted"}).status_code == 409
    assert api("sanitation").post(f"{order}/answers", {"words": "已派人"}).status_code == 201
    assert api("sanitation").post(f"{order}/answers", {"words": "又"}).status_code == 409
    assert api("leader1").post(f"{order}/decisions", {"verdict": "accepted"}).status_code == 403
    more = {"verdict": "again", "words": "须附照片"}
    assert api("mayor").post(f"{order}/decisions", more).status_code == 201
    assert api("sanitation").post(f"{order}/answers", {"words": "照片已附"}).status_code == 201
    assert api("commander").post(f"{order}/decisions", {"verdict": "accepted"}).status_code == 201
    listed = api("sanitation").get("/api/v1/orders", state="ended").json["items"]
    mine = next(one for one in listed if one["uid"] == given.json["order"])
    assert (mine["rounds"], mine["weight"], mine["late"]) == (2, 2.0, False)
    actions = [s["action"] for s in api("mayor").get(f"/api/v1/cases/{uid}").json["steps"]]
    assert actions[-5:] == [
        *("instruct", "answer_order", "repeat_order", "answer_order", "end_order")
    ]


def test_a_late_answer_stays_known_as_late(api, sessions):
    uid = dispatched(api)
    given = api("mayor").post(f"/api/v1/cases/{uid}/orders", ORDER).json["order"]
    rows(
        sessions,
        "UPDATE case_orders SET due_at = now() - interval '1 hour', amber_at = now() -"
        " interval '2 hours' WHERE uid = :uid RETURNING id",
        uid=given,
    )
    listed = api("sanitation").get("/api/v1/orders", state="open").json["items"]
    assert next(one for one in listed if one["uid"] == given)["lamp"] == "overdue"
    api("sanitation").post(f"/api/v1/orders/{given}/answers", {"words": "迟了"})
    assert rows(sessions, "SELECT late FROM case_orders WHERE uid = :uid", uid=given)[0][0]


def test_cases_under_supervision_are_a_list_of_their_own(api):
    uid, other = dispatched(api), dispatched(api)
    api("mayor").post(f"/api/v1/cases/{uid}/orders", ORDER)
    listed = api("mayor").get("/api/v1/cases", mine="orders", limit=200).json["items"]
    uids = {one["uid"] for one in listed}
    assert uid in uids
    assert other not in uids


@pytest.mark.parametrize(
    "body",
    [
        {"words": "x", "limit": 0, "unit": "wd"},
        {"words": "x", "limit": 1, "unit": "week"},
        {"words": "x", "limit": 1},
        {"words": "", "limit": 1, "unit": "wd"},
        {"words": "x", "limit": 1, "unit": "wd", "weight": -1},
    ],
)
def test_an_order_without_sound_words_limit_or_weight_changes_nothing(api, body):
    uid = dispatched(api)
    seen = api("mayor").get(f"/api/v1/cases/{uid}").json["seen"]
    assert api("mayor").post(f"/api/v1/cases/{uid}/orders", body).status_code == 422
    assert api("mayor").get(f"/api/v1/cases/{uid}").json["seen"] == seen
