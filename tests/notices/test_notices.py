"""Notices: made after commit, once a reader; digests; the ladder; who is told of what."""

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from app import create_app
from app.cases import upkeep
from app.catalogue.rules import Calendar, Limit, deadline
from app.evaluation import marks
from app.live import service as live
from app.notices import escalation, rules, service
from seed_data.standard.load import flow_document
from tests.cases.pressing import act, dispatched, reported, rows
from tests.city import Program
from tests.conftest import config_for

CITY = ZoneInfo("Asia/Shanghai")
SOON = datetime.now(CITY).date() + timedelta(days=9)


@pytest.fixture
def house(fresh_database, tmp_path):
    """Return the application alone on a database, its sessions, and programs by user name."""
    app = create_app(config_for(fresh_database, tmp_path))
    yield app.extensions["sessions"], lambda who: Program(app, who)
    app.extensions["engine"].dispose()


def tell(sessions):
    """Publish what was committed and tell people of it."""
    live.publish_all(sessions)
    with sessions.begin() as session:
        return service.spread_all(session)


def kinds(api, who):
    return [one["kind"] for one in api(who).get("/api/v1/notices").json["items"]]


def test_the_department_is_told_of_a_case_dispatched_to_it_and_nobody_else_is(house):
    sessions, api = house
    uid = dispatched(api)
    tell(sessions)
    (notice,) = api("sanitation").get("/api/v1/notices", unread="true").json["items"]
    assert (notice["kind"], notice["case"], notice["read"]) == ("dispatched", uid, False)
    assert notice["words"].startswith("新派遣：")
    assert kinds(api, "gardens") == []
    assert kinds(api, "dispatcher") == []
    assert tell(sessions) == 0


@pytest.mark.parametrize(
    ("reach", "action", "answers", "who", "kind"),
    [
        (reported, "ask_confirm", {"inspector": "inspector2"}, "inspector2", "task"),
        (dispatched, None, {}, "sanitation", "dispatched"),
    ],
)
def test_who_is_asked_is_told(house, reach, action, answers, who, kind):
    sessions, api = house
    uid = reach(api)
    if action:
        asked = {name: str(api(person).id) for name, person in answers.items()}
        act(api, "agent", uid, action, **asked)
    tell(sessions)
    assert kind in kinds(api, who)


def test_an_urge_reaches_whose_turn_it_is_and_an_answer_reaches_who_gave_the_order(house):
    sessions, api = house
    uid, fresh = dispatched(api), reported(api)
    order = {"words": "今日办结", "limit": 1, "unit": "wd"}
    given = api("mayor").post(f"/api/v1/cases/{uid}/orders", order).json["order"]
    api("dispatcher").post(f"/api/v1/cases/{uid}/urges", {"words": "快"})
    api("dispatcher").post(f"/api/v1/cases/{fresh}/urges", {"words": "快"})
    api("sanitation").post(f"/api/v1/orders/{given}/answers", {"words": "已办"})
    tell(sessions)
    assert sorted(kinds(api, "sanitation")) == ["dispatched", "order", "urge"]
    assert kinds(api, "mayor") == ["answer"]
    assert kinds(api, "agent") == ["urge"]
    assert kinds(api, "dispatcher") == []


def test_nobody_is_told_of_what_they_did_themselves(house):
    sessions, api = house
    uid = dispatched(api)
    act(api, "sanitation", uid, "sign")
    fresh = reported(api)
    act(api, "leader1", fresh, "accept")
    api("leader1").post(f"/api/v1/cases/{fresh}/urges", {"words": "x"})
    api("mayor").post(f"/api/v1/cases/{fresh}/urges", {"words": "y"})
    tell(sessions)
    assert kinds(api, "leader1") == ["urge"]
    (notice,) = api("leader1").get("/api/v1/notices").json["items"]
    assert notice["words"].endswith("y")


def test_telling_again_after_a_crash_tells_nobody_twice(house):
    sessions, api = house
    dispatched(api)
    live.publish_all(sessions)
    with sessions() as session:
        service.spread_all(session)
        session.rollback()
    assert tell(sessions) > 0
    with sessions.begin() as session:
        session.execute(text("UPDATE notice_cursor SET seq = 0"))
    assert tell(sessions) > 0
    assert kinds(api, "sanitation") == ["dispatched"]


def test_four_spreaders_at_once_tell_everyone_once(house):
    sessions, api = house
    for _ in range(4):
        dispatched(api)
    live.publish_all(sessions)

    def spread():
        with sessions.begin() as session:
            service.spread(session, most=3)

    for _ in range(4):
        workers = [threading.Thread(target=spread) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    tell(sessions)
    assert kinds(api, "sanitation") == ["dispatched"] * 4


def test_a_rolled_back_act_is_never_told(house):
    sessions, api = house
    uid = dispatched(api)
    tell(sessions)
    before = len(kinds(api, "sanitation"))
    with sessions() as session:
        session.execute(
            text("INSERT INTO outbox (topic, subject_id, step_id, area) SELECT 'case', case_id, id,"
                 " '' FROM case_steps WHERE action = 'dispatch'"))  # fmt: skip
        session.rollback()
    tell(sessions)
    assert len(kinds(api, "sanitation")) == before
    assert uid


def test_an_overdue_case_is_told_once_a_clock_to_who_holds_it(house):
    sessions, api = house
    dispatched(api)
    rows(sessions, "UPDATE cases SET amber_at = now() - interval '2 hours',"
         " due_at = now() - interval '1 hour' RETURNING id")  # fmt: skip
    for _ in range(2):
        with sessions.begin() as session:
            upkeep.mark_due(session, at=datetime.now(UTC))
        tell(sessions)
    assert kinds(api, "sanitation").count("overdue") == 1


def test_reading_marks_only_ones_own_and_pages_by_key(house):
    sessions, api = house
    for _ in range(3):
        dispatched(api)
    tell(sessions)
    first = api("sanitation").get("/api/v1/notices", limit=2).json
    assert (len(first["items"]), first["unread"]) == (2, 3)
    rest = api("sanitation").get("/api/v1/notices", limit=2, after=first["next"]).json
    assert (len(rest["items"]), rest["next"]) == (1, None)
    ids = [one["id"] for one in first["items"]]
    stranger = api("gardens").post("/api/v1/notices/read", {"ids": ids})
    assert stranger.json == {"read": 0, "unread": 0}
    assert api("sanitation").post("/api/v1/notices/read", {"ids": ids}).json["unread"] == 1
    assert api("sanitation").post("/api/v1/notices/read", {"all": True}).json["unread"] == 0
    assert api("sanitation").get("/notices").status_code == 200


@pytest.mark.parametrize(("day", "told"), [(23, True), (22, False)])
def test_the_digest_comes_once_on_working_days(house, day, told):
    sessions, api = house
    dispatched(api)
    at = datetime(2026, 11, day, 8, 0, 30, tzinfo=CITY)
    for _ in range(2):
        with sessions.begin() as session:
            service.digest(session, at=at)
    found = [n for n in api("sanitation").get("/api/v1/notices").json["items"]]
    assert [one["kind"] for one in found] == (["digest"] if told else [])
    if told:
        assert "1" in found[0]["words"]
        assert kinds(api, "gardens") == []


RUNG = {"rung": 1, "subject": "case", "since": "due", "after_value": 2, "after_unit": "nd",
        "reader": "post", "who": "leader", "channel": "app"}  # fmt: skip


def test_a_rung_fires_once_a_clock_when_its_time_has_come(house):
    sessions, api = house
    uid = dispatched(api)
    assert api("admin").post("/api/v1/escalation-rules", RUNG).status_code == 201
    rows(sessions, "UPDATE cases SET amber_at = now() - interval '3 days',"
         " due_at = now() - interval '47 hours' RETURNING id")  # fmt: skip
    now = datetime.now(UTC)

    def climb(at):
        with sessions.begin() as session:
            return escalation.climb(session, at=at)

    assert climb(now) == 0
    assert climb(now + timedelta(hours=2)) == 1
    assert climb(now + timedelta(hours=3)) == 0
    (notice,) = api("mayor").get("/api/v1/notices").json["items"]
    assert (notice["kind"], notice["case"]) == ("escalation", uid)
    rows(sessions, "UPDATE cases SET clock_at = clock_at + interval '1 second' RETURNING id")
    assert climb(now + timedelta(hours=4)) == 1


def test_a_rung_about_orders_fires_for_open_orders_only(house):
    sessions, api = house
    uid = dispatched(api)
    api("admin").post("/api/v1/escalation-rules",
                      RUNG | {"subject": "order", "after_value": 1, "reader": "department",
                              "who": ""})  # fmt: skip
    order = {"words": "x", "limit": 1, "unit": "uwh"}
    given = api("mayor").post(f"/api/v1/cases/{uid}/orders", order).json["order"]
    with sessions.begin() as session:
        later = datetime.now(UTC) + timedelta(hours=26)
        assert escalation.climb(session, at=later) == 1
        assert escalation.climb(session, at=later) == 0
    assert "escalation" in kinds(api, "sanitation")
    api("sanitation").post(f"/api/v1/orders/{given}/answers", {"words": "x"})
    rows(sessions, "UPDATE case_orders SET clock_at = clock_at + interval '1 s' RETURNING 1")
    with sessions.begin() as session:
        assert escalation.climb(session, at=datetime.now(UTC) + timedelta(hours=26)) == 0


@pytest.mark.parametrize("wrong", [{"subject": "x"}, {"since": "x"}, {"reader": "x"},
                                   {"channel": "x"}, {"who": ""}, {"after_value": 0},
                                   {"after_unit": "x"}, {"rung": 0}, {"state": "x"}])  # fmt: skip
def test_a_rung_that_makes_no_sense_is_refused(api, wrong):
    assert api("admin").post("/api/v1/escalation-rules", RUNG | wrong).status_code == 422


@pytest.mark.parametrize("unit", ["uwh", "nd", "wh", "wd"])
@pytest.mark.parametrize("value", [0.25, 1, 3, 30])
@pytest.mark.parametrize(
    "at", [datetime(2026, 11, 23, 9, 30), datetime(2026, 11, 22, 3), datetime(2026, 11, 20, 18)]
)
def test_what_turned_before_the_cut_is_due_and_what_turned_after_it_is_not(unit, value, at):
    limit, days = Limit(value, unit), Calendar()
    cut = rules.cutoff(at, limit, days)
    assert deadline(cut, limit, days).due <= at
    assert deadline(cut + timedelta(seconds=1), limit, days).due > at


@pytest.mark.parametrize(
    ("now", "begins", "ends", "awake"),
    [
        ((23, 21, 59), (22, 0), (7, 0), (23, 21, 59)),
        ((23, 22, 0), (22, 0), (7, 0), (24, 7, 0)),
        ((24, 6, 59), (22, 0), (7, 0), (24, 7, 0)),
        ((24, 7, 0), (22, 0), (7, 0), (24, 7, 0)),
        ((23, 12, 30), (12, 0), (14, 0), (23, 14, 0)),
        ((23, 12, 30), (12, 0), (12, 0), (23, 12, 30)),
    ],
)
def test_quiet_hours_put_a_message_off_to_their_end(now, begins, ends, awake):
    found = rules.awake_at(datetime(2026, 11, *now), time(*begins), time(*ends))
    assert found == datetime(2026, 11, *awake)


def test_what_people_were_not_told_of_or_was_not_counted_stays_in_the_feed(house):
    sessions, api = house
    dispatched(api)
    live.publish_all(sessions)
    rows(sessions, "UPDATE feed SET at = now() - interval '9 days' RETURNING seq")
    with sessions.begin() as session:
        assert live.forget_old(session) == 0
    tell(sessions)
    with sessions.begin() as session:
        assert live.forget_old(session) == 0
        marks.keep_current(session, at=datetime.now(UTC))
        assert live.forget_old(session) > 0
    assert kinds(api, "sanitation") == ["dispatched"]


def test_a_request_reaches_who_decides_at_each_level_and_the_decision_who_asked(house):
    sessions, api = house
    uid = dispatched(api)
    act(api, "sanitation", uid, "sign")
    act(api, "sanitation", uid, "ask_suspend", reason="待春季", until=str(SOON))
    tell(sessions)
    assert kinds(api, "leader1") == ["request"]
    assert kinds(api, "mayor") == []
    act(api, "leader1", uid, "review_suspend")
    tell(sessions)
    assert kinds(api, "mayor") == kinds(api, "commander") == ["request"]
    act(api, "mayor", uid, "refuse_suspend", reason="可先清理")
    tell(sessions)
    assert sorted(kinds(api, "sanitation")) == ["decided", "dispatched"]
    assert kinds(api, "leader1") == ["request"]


def test_a_department_that_is_asked_to_help_is_told(house):
    sessions, api = house
    uid = dispatched(api)
    act(api, "dispatcher", uid, "ask_help", departments=["YL"])
    tell(sessions)
    assert kinds(api, "gardens") == ["dispatched"]


def test_every_request_of_the_shipped_flow_is_told_of():
    assert set(rules.REQUESTS) == set(flow_document()["requests"])
