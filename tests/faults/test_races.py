"""Two clicks, fifty retries, sixteen filings at once: one wins, nothing doubles, no gap."""

import threading
from uuid import uuid4

from sqlalchemy import text

from tests.city import INSIDE

LON, LAT = INSIDE
REPORT = {"kind": "0102", "lon": LON, "lat": LAT, "description": "同时"}


def at_once(calls):
    """Run ``calls`` in threads that start together and return what each gave."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(n):
        gate.wait()
        answers[n] = calls[n]()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_fifty_identical_reports_make_one_case_and_one_answer(api, sessions):
    key, senders = str(uuid4()), [api("inspector") for _ in range(10)]
    for _ in range(5):
        replies = at_once([lambda s=s: s.post("/api/v1/cases", REPORT, key=key) for s in senders])
        assert {r.status_code for r in replies} == {201}
        assert len({r.text for r in replies}) == 1
    with sessions.begin() as session:
        stored = session.execute(
            text("SELECT count(*) FROM attempts WHERE key = :key"), {"key": key}
        ).scalar_one()
    assert stored == 1


def test_of_eight_who_accept_at_once_one_wins_and_seven_see_the_present_state(api):
    step = {"action": "accept", "answers": {}, "seen": 1}
    for _ in range(5):
        uid = api("inspector").post("/api/v1/cases", REPORT).json["uid"]
        leaders = [api("leader1") for _ in range(8)]
        replies = at_once(
            [lambda p=p, u=uid: p.post(f"/api/v1/cases/{u}/steps", step) for p in leaders]
        )
        assert sorted(r.status_code for r in replies) == [201] + [409] * 7
        losers = [r.json["current"]["state"] for r in replies if r.status_code == 409]
        assert losers == ["accepted"] * 7


def test_sixteen_filings_at_once_are_numbered_without_a_gap(api):
    leader, uids = api("leader1"), []
    for _ in range(16):
        uid = api("inspector").post("/api/v1/cases", {**REPORT, "kind": "0510"}).json["uid"]
        step = {"action": "accept", "answers": {}, "seen": 1}
        assert leader.post(f"/api/v1/cases/{uid}/steps", step).status_code == 201
        uids.append(uid)
    offered = leader.get(f"/api/v1/cases/{uids[0]}").json["actions"]
    condition = next(a for a in offered if a["action"] == "file")["asks"][0]["options"][0]["value"]
    step = {"action": "file", "answers": {"condition": condition}, "seen": 2}
    leaders = [api("leader1") for _ in uids]
    replies = at_once(
        [
            lambda p=p, u=u: p.post(f"/api/v1/cases/{u}/steps", step)
            for p, u in zip(leaders, uids, strict=True)
        ]
    )
    assert {r.status_code for r in replies} == {201}
    serials = sorted(int(r.json["number"][-4:]) for r in replies)
    assert serials == list(range(serials[0], serials[0] + 16))
