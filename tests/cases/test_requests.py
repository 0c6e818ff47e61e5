"""The ledger of requests, and deciding on one through it."""

from uuid import uuid4

import pytest

from tests.city import INSIDE
from tests.stories.test_loop_over_the_api import first, take

LON, LAT = INSIDE


@pytest.fixture
def asked(api):
    """Return programs by name, the case and the request of a department that wants to return it."""
    who = {n: api(n) for n in ("inspector", "leader1", "dispatcher", "sanitation", "mayor")}
    report = {"kind": "0102", "lon": LON, "lat": LAT, "description": "路口有暴露垃圾"}
    uid = who["inspector"].post("/api/v1/cases", report).json["uid"]
    take(who["leader1"], uid, "accept")
    take(who["leader1"], uid, "file", condition=first(who["leader1"], uid, "file", "condition"))
    take(who["dispatcher"], uid, "dispatch", department="HW")
    take(who["sanitation"], uid, "ask_return", reason="非我单位职责")
    listed = who["leader1"].get("/api/v1/requests", state="mine").json["items"]
    return who, uid, next(one["uid"] for one in listed if one["case"] == uid)


def decide(program, request, decision, *, key=None, **answers):
    seen = program.get(f"/api/v1/requests/{request}").json.get("seen", 0)
    body = {"decision": decision, "answers": answers, "seen": seen}
    return program.post(f"/api/v1/requests/{request}/decisions", body, key=key)


def test_a_request_is_decided_in_the_ledger_and_the_case_follows(asked):
    who, uid, request = asked
    shown = who["leader1"].get(f"/api/v1/requests/{request}").json
    assert (shown["kind"], shown["reason"], shown["waits_for_me"]) == (
        "return",
        "非我单位职责",
        True,
    )
    reply = decide(who["leader1"], request, "grant", note="重新派遣")
    assert (reply.status_code, reply.json["state"]) == (201, "filed")
    after = who["leader1"].get(f"/api/v1/requests/{request}").json
    assert (after["outcome"], after["waits_for_me"]) == ("granted", False)
    case = who["leader1"].get(f"/api/v1/cases/{uid}").json
    assert [one["outcome"] for one in case["requests"]] == ["granted"]
    assert [step["action"] for step in case["steps"]][-2:] == ["ask_return", "return"]


def test_the_same_decision_sent_twice_is_one_decision(asked):
    who, _, request = asked
    key = str(uuid4())
    seen = who["leader1"].get(f"/api/v1/requests/{request}").json["seen"]
    body = {"decision": "refuse", "answers": {"reason": "属于环卫"}, "seen": seen}
    path = f"/api/v1/requests/{request}/decisions"
    answers = [who["leader1"].post(path, body, key=key) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json == answers[1].json
    again = who["leader1"].post(path, body)
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("username", "decision", "status"),
    [
        ("sanitation", "grant", 403),
        ("dispatcher", "grant", 403),
        ("mayor", "grant", 422),
        ("leader1", "review", 422),
        ("leader1", "withdraw", 403),
        ("leader1", "refuse", 422),
        ("leader1", "burn", 422),
        ("sanitation", "withdraw", 201),
    ],
)
def test_who_may_decide_what(asked, username, decision, status):
    who, _, request = asked
    reply = decide(who[username], request, decision)
    assert reply.status_code == status, reply.text


def test_a_request_of_a_case_one_may_not_see_is_not_there(asked, api):
    _, _, request = asked
    assert api("gardens").get(f"/api/v1/requests/{request}").status_code == 404
    assert api("dispatcher_yun").get(f"/api/v1/requests/{request}").status_code == 404


def test_the_ledger_pages_by_keyset_without_loss(asked, api):
    leader = api("leader1")
    whole = [one["uid"] for one in leader.get("/api/v1/requests", limit=200).json["items"]]
    found, after = [], None
    while True:
        page = leader.get("/api/v1/requests", limit=1, **({"after": after} if after else {})).json
        found += [one["uid"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == whole


def test_two_requests_about_one_case_do_not_wait_at_once(asked, sessions):
    who, uid, _ = asked
    seen = who["sanitation"].get(f"/api/v1/cases/{uid}").json["seen"]
    body = {"action": "ask_return", "answers": {"reason": "再次"}, "seen": seen}
    reply = who["sanitation"].post(f"/api/v1/cases/{uid}/steps", body)
    assert reply.status_code == 422
