"""Who is sent into the field, and what comes of it."""

from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app import cli
from app.cases import service as cases
from app.cases.forms import StepForm
from app.cases.tasks import rules, service
from app.cases.tasks.rules import Candidate
from app.kernel import clock
from app.kernel.errors import Refused
from tests.city import INSIDE
from tests.stories.test_loop_over_the_api import photo as sent

LON, LAT = INSIDE
CELL = "37990100100101"
GOOD = {"kind": "0102", "description": "垃圾", "lon": LON, "lat": LAT}


@pytest.fixture
def duty(sessions, people):
    """Put inspectors on shift in the beat of the west for one test; give the function that does."""

    def put(*names: str) -> None:
        with sessions.begin() as session:
            session.execute(text("DELETE FROM beat_inspectors"))
            for name in names:
                session.execute(
                    text(
                        "INSERT INTO beat_inspectors SELECT id, :person FROM beats"
                        " WHERE district = '379901'"
                    ),
                    {"person": people[name].person_id},
                )

    yield put
    put()


@pytest.fixture
def near(sessions, people):
    """Have inspectors send a position (degrees east of the place, minutes ago); forget it after."""

    def put(**fixes: tuple[float, int]) -> None:
        with sessions.begin() as session:
            session.execute(text("DELETE FROM last_positions"))
            for name, (east, ago) in fixes.items():
                session.execute(
                    text(
                        "INSERT INTO last_positions (person_id, at, place, accuracy_m) VALUES"
                        " (:person, :at, ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), 8)"
                    ),
                    {
                        "person": people[name].person_id,
                        "at": clock.now() - timedelta(minutes=ago),
                        "lon": LON + east,
                        "lat": LAT,
                    },
                )

    yield put
    put()


def begun(api, who="inspector"):
    reply = api(who).post("/api/v1/cases", GOOD)
    assert reply.status_code == 201, reply.text
    return reply.json["uid"]


def act(program, uid, action, **answers):
    seen = program.get(f"/api/v1/cases/{uid}").json["seen"]
    body = {"action": action, "answers": answers, "seen": seen}
    return program.post(f"/api/v1/cases/{uid}/steps", body)


def task_of(api, uid, **query):
    found = api("leader1").get("/api/v1/tasks", **query).json["items"]
    return next(one for one in found if one["case"] == uid)


FIELD = [
    Candidate(1, "甲", reported=True, in_beat=True, on_duty=True),
    Candidate(2, "乙", in_beat=True, on_duty=True, metres=900),
    Candidate(3, "丙", in_beat=True, on_duty=True, metres=300),
    Candidate(4, "丁", on_duty=True, metres=20),
    Candidate(5, "戊", on_duty=True, checked=True),
    Candidate(6, "己"),
]


@pytest.mark.parametrize(
    ("purpose", "left", "without", "person", "way"),
    [
        ("confirm", FIELD, (), 3, "beat"),
        ("confirm", FIELD, (3,), 2, "beat"),
        ("confirm", FIELD, (2, 3), 4, "nearest"),
        ("urgent", FIELD[3:], (), 4, "nearest"),
        ("verify", [FIELD[0], FIELD[3], FIELD[4]], (), 4, "drawn"),
        ("verify", [FIELD[1], FIELD[5]], (), 2, "drawn"),
    ],
)
def test_the_beat_comes_before_nearness_and_verifying_is_drawn(purpose, left, without, person, way):
    choice = rules.choose(purpose, left, "seed", without=without)
    assert (choice.person, choice.way) == (person, way)


@pytest.mark.parametrize(
    ("purpose", "left", "says"),
    [
        ("confirm", [FIELD[0], FIELD[4], FIELD[5]], "Nobody is on shift"),
        ("verify", [FIELD[0], FIELD[4], FIELD[5]], "left to draw from"),
        ("verify", [], "left to draw from"),
    ],
)
def test_a_choice_without_anybody_left_is_refused_in_words(purpose, left, says):
    with pytest.raises(Refused, match=says):
        rules.choose(purpose, left, "seed")


def test_a_draw_is_even_and_never_meets_the_excluded():
    """Chi-square with 6 degrees of freedom: 22.46 is passed by chance once in a thousand runs."""
    field = [
        *(Candidate(n, "", on_duty=True) for n in range(1, 8)),
        Candidate(8, "", on_duty=True, reported=True),
        Candidate(9, "", on_duty=True, checked=True),
        Candidate(10, ""),
    ]
    seeds = (f"{n:032x}" for n in range(10_000))
    drawn = Counter(rules.choose("verify", field, seed).person for seed in seeds)
    assert set(drawn) == set(range(1, 8))
    expected = 10_000 / 7
    assert sum((n - expected) ** 2 / expected for n in drawn.values()) < 22.46


def test_a_draw_does_not_depend_on_the_order_of_the_pool():
    assert rules.draw([9, 4, 7], "s") == rules.draw([7, 9, 4], "s")


@pytest.mark.parametrize(
    ("observed", "draws", "expected", "odd"),
    [(8, 10, 2.0, True), (4, 4, 0.4, False), (5, 50, 5.0, False), (5, 5, 2.5, False)],
)
def test_pairs_are_flagged_where_chance_explains_them_badly(observed, draws, expected, odd):
    assert rules.judge(observed, draws, expected).suspicious is odd


def test_the_tail_is_what_counting_every_outcome_gives():
    rate, draws, observed = 0.25, 8, 3
    whole = 0.0
    for outcome in range(2**draws):
        hits = outcome.bit_count()
        if hits >= observed:
            whole += rate**hits * (1 - rate) ** (draws - hits)
    assert rules.judge(observed, draws, rate * draws).chance == pytest.approx(whole)


def test_confirming_goes_to_whoever_is_on_shift_in_the_beat(api, duty, people):
    duty("inspector", "inspector2")
    uid = begun(api)
    asks = api("agent").get(f"/api/v1/cases/{uid}").json["actions"][0]["asks"]
    assert asks[0]["options"][0]["value"] == "auto"
    assert act(api("agent"), uid, "ask_confirm", inspector="auto").status_code == 201
    task = task_of(api, uid)
    assert task["person"] == people["inspector2"].person_id
    assert (task["purpose"], task["how"], task["state"]) == ("confirm", "beat", "open")
    steps = api("agent").get(f"/api/v1/cases/{uid}").json["steps"]
    assert {"name": "chosen", "label": "如何选定", "value": "责任网格当班"} in steps[-1]["answers"]


def test_confirming_goes_to_the_nearest_where_nobody_is_on_shift(api, near, people):
    near(inspector=(0.0, 1), inspector2=(0.001, 5))
    uid = begun(api)
    assert act(api("agent"), uid, "ask_confirm", inspector="auto").status_code == 201
    task = task_of(api, uid)
    assert (task["person"], task["how"]) == (people["inspector2"].person_id, "nearest")
    assert 80 < float(task["why"].split("米")[0].split(" ")[-2]) < 100


def test_an_old_position_says_nothing(api, near):
    near(inspector2=(0.001, 31))
    refused = act(api("agent"), begun(api), "ask_confirm", inspector="auto")
    assert refused.status_code == 422
    assert "手动选择" in refused.json["detail"]


def test_verifying_is_drawn_and_can_be_drawn_again(api, duty, people):
    duty("inspector", "inspector2")
    uid = handled(api)
    assert act(api("leader1"), uid, "ask_verify", inspector="auto").status_code == 201
    task = task_of(api, uid)
    assert (task["how"], task["person"]) == ("drawn", people["inspector2"].person_id)
    assert rules.draw(task["pool"], task["seed"]) == task["person"]
    assert people["inspector"].person_id not in task["pool"]
    answer = api("inspector2").post(
        f"/api/v1/tasks/{task['uid']}/answers", {"answers": {"passed": False}, "result": "没有清"}
    )
    assert answer.status_code == 201, answer.text
    assert (answer.json["state"], answer.json["outcome"]) == ("ended", "failed")
    assert api("leader1").get(f"/api/v1/cases/{uid}").json["state"] == "verified"


def test_whoever_verified_last_is_not_drawn_again(api, duty):
    duty("inspector", "inspector2")
    uid = handled(api)
    act(api("leader1"), uid, "ask_verify", inspector="auto")
    act(api("inspector2"), uid, "verify", passed=False)
    act(api("leader1"), uid, "rework", reason="没有清")
    finish(api, uid)
    refused = act(api("leader1"), uid, "ask_verify", inspector="auto")
    assert refused.status_code == 422
    assert "抽取" in refused.json["detail"]


def handled(api):
    uid = begun(api)
    leader = api("leader1")
    act(leader, uid, "accept")
    asks = leader.get(f"/api/v1/cases/{uid}").json["actions"][0]["asks"]
    act(leader, uid, "file", condition=asks[0]["options"][0]["value"])
    act(api("dispatcher"), uid, "dispatch", department="HW")
    finish(api, uid)
    return uid


def finish(api, uid):
    act(api("sanitation"), uid, "sign")
    done = act(api("sanitation"), uid, "report_done", result="已清", photos=[photo(api)])
    assert done.status_code == 201, done.text


def photo(api):
    return sent(api("sanitation"))


def test_a_task_nobody_answers_goes_up_and_is_given_to_another(api, sessions, people, duty):
    uid = begun(api, "agent")
    second = str(people["inspector2"].person_id)
    act(api("agent"), uid, "ask_confirm", inspector=second)
    late = clock.now() + timedelta(days=3)
    with sessions.begin() as session:
        assert service.go_up(session, at=late) >= 1
        assert service.go_up(session, at=late) == 0
    task = task_of(api, uid, state="escalated")
    assert task["state"] == "escalated"
    assert task["person_name"] == "测试inspector2"
    duty("inspector", "inspector2")
    given = api("leader1").post(f"/api/v1/tasks/{task['uid']}/reassignments", {})
    assert given.status_code == 201, given.text
    assert given.json["person"] == people["inspector"].person_id
    assert api("leader1").get(f"/api/v1/tasks/{task['uid']}").json["outcome"] == "reassigned"
    assert act(api("inspector2"), uid, "confirm", found=True, result="在").status_code == 422
    assert act(api("inspector"), uid, "confirm", found=True, result="在").status_code == 201
    assert task_of(api, uid, state="ended")["outcome"] == "answered"


def test_an_urgent_look_is_ordered_answered_and_kept(api, near, people):
    near(inspector2=(0.001, 2))
    order = {"purpose": "urgent", "lon": LON, "lat": LAT, "note": "路面塌陷"}
    given = api("leader1").post("/api/v1/tasks", order)
    assert given.status_code == 201, given.text
    assert (given.json["person"], given.json["case"]) == (people["inspector2"].person_id, None)
    path = f"/api/v1/tasks/{given.json['uid']}"
    assert api("inspector").get(path).status_code == 404
    assert api("inspector2").post(f"{path}/answers", {}).status_code == 422
    lost = api("inspector2").post(f"{path}/answers", {"result": "x", "photos": [str(uuid4())]})
    assert lost.status_code == 422
    done = api("inspector2").post(f"{path}/answers", {"result": "已围挡"})
    assert (done.status_code, done.json["state"]) == (201, "ended")
    assert done.json["answer"]["result"] == "已围挡"
    again = api("inspector2").post(f"{path}/answers", {"result": "又"})
    assert again.status_code == 409


def test_an_order_sent_twice_sends_one_inspector(api, near):
    near(inspector2=(0.001, 2))
    key, order = str(uuid4()), {"lon": LON, "lat": LAT, "note": "看看"}
    first = api("leader1").post("/api/v1/tasks", order, key=key)
    assert api("leader1").post("/api/v1/tasks", order, key=key).json == first.json


@pytest.mark.parametrize(
    ("who", "changed", "status"),
    [
        ("inspector", {}, 403),
        ("dispatcher_yun", {}, 403),
        ("leader1", {"note": ""}, 422),
        ("leader1", {"purpose": "confirm"}, 422),
        ("leader1", {"lon": 0, "lat": 0}, 422),
        ("leader1", {"lon": 10, "lat": 10}, 422),
        ("leader1", {"minutes": 1}, 422),
        ("leader1", {"inspector": 999_999}, 422),
        ("leader1", {"inspector": "auto"}, 422),
    ],
)
def test_orders_that_cannot_be_are_refused(api, who, changed, status):
    order = {"purpose": "urgent", "lon": LON, "lat": LAT, "note": "看看", **changed}
    assert api(who).post("/api/v1/tasks", order).status_code == status


def test_a_case_that_leaves_the_state_otherwise_withdraws_its_task(sessions, people, api):
    uid = begun(api, "agent")
    act(api("agent"), uid, "ask_confirm", inspector=str(people["inspector2"].person_id))

    class Gone:
        source, state, changes, answers = "confirming", "reported", {"inspector_id": None}, {}

    # Rolled back: no row of the shipped flow does this, and the records must go on agreeing.
    with sessions() as session:
        row = session.execute(text("SELECT * FROM cases WHERE uid = :uid"), {"uid": uid}).one()
        service.follow(session, row, Gone(), actor=people["leader1"], at=clock.now())
        ask = text("SELECT outcome FROM tasks WHERE case_id = :id")
        outcome = session.execute(ask, {"id": row.id}).scalar_one()
        session.rollback()
    assert outcome == "withdrawn"


def test_pairs_that_meet_too_often_are_shown(api, sessions, people):
    reporter, verifier = people["inspector"].person_id, people["inspector2"].person_id
    pool = [verifier, people["inspector_yun"].person_id, *range(900, 908)]
    for _ in range(6):
        uid = begun(api)
        with sessions.begin() as session:
            session.execute(
                text(
                    "INSERT INTO tasks (case_id, purpose, person_id, cell, place, given_by,"
                    " given_at, due_at, way, pool, seed, answered_at, ended_at, outcome)"
                    " SELECT id, 'verify',"
                    " :verifier, cell, place, 1, now(), now(), 'drawn', :pool, 's', now(), now(),"
                    " 'passed' FROM cases WHERE uid = :uid"
                ),
                {"verifier": verifier, "pool": pool, "uid": uid},
            )
    found = api("evaluator").get("/api/v1/tasks/pairs").json["items"]
    pair = next(p for p in found if p["first"] == str(reporter) and p["verifier"] == verifier)
    assert pair["observed"] >= 6
    assert pair["flag"] is True


def test_the_guard_holds_for_a_choice_by_hand(sessions, people, api):
    uid = begun(api)
    form = StepForm("ask_confirm", 1, {"inspector": str(people["inspector"].person_id)})
    with pytest.raises(Refused), sessions.begin() as session:
        cases.act(session, uid, form, actor=people["agent"], at=clock.now())


def test_photos_are_taken_again_beside_the_flow_of_the_case(api, near, people):
    near(inspector2=(0.001, 2))
    uid = begun(api)
    act(api("agent"), uid, "ask_confirm", inspector=str(people["inspector2"].person_id))
    order = {"case": uid, "note": "请重新拍照"}
    given = api("leader1").post("/api/v1/tasks", order)
    assert given.status_code == 201, given.text
    assert (given.json["case"], given.json["purpose"]) == (uid, "urgent")
    found = api("leader1").get("/api/v1/tasks", case=uid, state="open").json["items"]
    assert sorted(one["purpose"] for one in found) == ["confirm", "urgent"]
    taken = sent(api("inspector2"))
    body = {"result": "已重拍", "photos": [taken]}
    path = f"/api/v1/tasks/{given.json['uid']}"
    assert api("inspector2").post(f"{path}/answers", body).status_code == 201
    assert api("leader1").get(f"/photos/{taken}").status_code == 200
    assert api("sanitation").get(f"/photos/{taken}").status_code == 404
    assert act(api("inspector2"), uid, "confirm", found=True, result="在").status_code == 201


def test_nobody_is_sent_to_a_closed_case(api, near):
    near(inspector2=(0.001, 2))
    uid = begun(api)
    assert act(api("agent"), uid, "reject", reason="不属实").status_code == 201
    refused = api("leader1").post("/api/v1/tasks", {"case": uid, "note": "看看"})
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["case"])


def test_a_draw_is_replayed_on_the_command_line(api, app, duty, sessions):
    duty("inspector", "inspector2")
    uid = handled(api)
    act(api("leader1"), uid, "ask_verify", inspector="auto")
    task = task_of(api, uid)
    if "replay-draw" not in app.cli.commands:
        cli.install(app)
    done = app.test_cli_runner().invoke(args=["replay-draw", task["uid"]])
    assert (done.exit_code, task["seed"] in done.output) == (0, True)
    with sessions.begin() as session:
        session.execute(
            text("UPDATE tasks SET seed = seed || 'x', pool = pool || 1 WHERE uid = :uid"),
            {"uid": task["uid"]},
        )
        drawn = session.execute(
            text("SELECT pool, seed, person_id FROM tasks WHERE uid = :uid"), {"uid": task["uid"]}
        ).one()
    honest = rules.draw(drawn.pool, drawn.seed) == drawn.person_id
    again = app.test_cli_runner().invoke(args=["replay-draw", task["uid"]])
    assert (again.exit_code == 0) is honest
    lost = app.test_cli_runner().invoke(args=["replay-draw", str(uuid4())])
    assert lost.exit_code != 0
