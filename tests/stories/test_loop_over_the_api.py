"""One case from first report to closing, over the API alone, as five people and a department."""

import io

from PIL import Image
from sqlalchemy import text

from app.evaluation import marks
from app.live.service import publish_all
from tests.city import INSIDE

LON, LAT = INSIDE


def photo(program):
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 60)).save(picture, "JPEG")
    picture.seek(0)
    reply = program.client.post(
        "/api/v1/photos",
        data={"file": (picture, "near.jpg")},
        headers=program.headers,
        content_type="multipart/form-data",
    )
    assert reply.status_code == 201, reply.text
    return reply.json["id"]


def take(program, uid, action, **answers):
    """Take ``action`` on what the program sees of the case, as a careful client would."""
    seen = program.get(f"/api/v1/cases/{uid}").json
    assert action in [offered["action"] for offered in seen["actions"]], seen["actions"]
    body = {"action": action, "answers": answers, "seen": seen["seen"]}
    reply = program.post(f"/api/v1/cases/{uid}/steps", body)
    assert reply.status_code == 201, reply.text
    return reply.json


def first(program, uid, action, field):
    seen = program.get(f"/api/v1/cases/{uid}").json
    asks = {a["action"]: a["asks"] for a in seen["actions"]}[action]
    return next(ask for ask in asks if ask["name"] == field)["options"][0]["value"]


def test_a_case_goes_all_the_way_round(api, sessions):
    inspector, leader, dispatcher = api("inspector"), api("leader1"), api("dispatcher")
    sanitation, checker = api("sanitation"), api("inspector2")

    publish_all(sessions)
    with sessions() as session:
        before = session.execute(text("SELECT last FROM feed_head")).scalar_one()
    begun = inspector.post(
        "/api/v1/cases",
        {
            "source": "inspector",
            "kind": "0102",
            "description": "路口有暴露垃圾",
            "lon": LON,
            "lat": LAT,
            "photos": [photo(inspector)],
        },
    )
    assert begun.status_code == 201, begun.text
    uid = begun.json["uid"]
    assert begun.json["number"] is None
    assert begun.json["cell"] == "37990100100101"

    take(leader, uid, "accept", kind="E0102")
    filed = take(leader, uid, "file", condition=first(leader, uid, "file", "condition"))
    assert filed["number"].startswith("E0102")
    assert first(dispatcher, uid, "dispatch", "department") == "HW"
    dispatched = take(dispatcher, uid, "dispatch", department="HW", note="请尽快")
    assert dispatched["due_at"]
    take(sanitation, uid, "sign")
    take(sanitation, uid, "report_done", result="已清理", photos=[photo(sanitation)])
    take(leader, uid, "ask_verify", inspector=str(checker.id))
    take(checker, uid, "verify", passed=True, note="现场整洁")
    closed = take(leader, uid, "close")
    assert (closed["state"], closed["stage"]) == ("closed", "close")

    whole = leader.get(f"/api/v1/cases/{filed['number']}").json
    assert [step["action"] for step in whole["steps"]] == [
        "report",
        "accept",
        "file",
        "dispatch",
        "sign",
        "report_done",
        "ask_verify",
        "verify",
        "close",
    ]
    assert whole["steps"][0]["action_label"] == "问题上报"
    assert all(step["action_label"] != step["action"] for step in whole["steps"])
    assert [one["action"] for one in whole["actions"]] == ["ask_reopen"]
    assert len(whole["photos"]) == 2

    publish_all(sessions)
    feed = leader.get("/api/v1/feed", after=before).json
    assert feed["items"][-1]["case"]["uid"] == uid
    seqs = [item["seq"] for item in feed["items"]]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))

    marks.count_whole(sessions)
    month = whole["filed_at"][:7]
    ranking = leader.get("/api/v1/evaluations/departments", period=month).json
    row = next(row for row in ranking["rows"] if row["object"] == "HW")
    assert row["indicators"]["archive_num"] >= 1
    behind = leader.get(
        "/api/v1/evaluations/departments/HW/cases", period=month, indicator="archive_num"
    ).json["items"]
    assert len(behind) == row["indicators"]["archive_num"]
    assert uid in [case["uid"] for case in behind]

    with sessions.begin() as session:
        audited = session.execute(
            text("SELECT count(*) FROM audit WHERE action LIKE 'case.%'")
        ).scalar_one()
    assert audited >= 9
