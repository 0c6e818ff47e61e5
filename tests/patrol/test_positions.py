"""Where inspectors are: what is kept, who is on duty, whose track may be read."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from app.kernel import clock
from app.patrol import queries, rules
from tests.city import INSIDE

LON, LAT = INSIDE
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forgotten(sessions):
    """Leave no position behind: choosing whom to send looks at them."""
    yield
    with sessions.begin() as session:
        session.execute(text("DELETE FROM track_points"))
        session.execute(text("DELETE FROM last_positions"))
        session.execute(text("DELETE FROM beat_inspectors"))
        session.execute(text("DELETE FROM shifts WHERE id > 1"))


def fix(ago: float = 0, **changed):
    at = (clock.now() - timedelta(minutes=ago)).isoformat()
    return {"lon": LON, "lat": LAT, "accuracy_m": 8, "at": at, **changed}


def sent(api, *fixes, who="inspector", **more):
    return api(who).post("/api/v1/positions", {"fixes": list(fixes), **more})


@pytest.mark.parametrize(
    ("begins", "ends", "at", "on"),
    [
        (time(8), time(16), time(8), True),
        (time(8), time(16), time(15, 59), True),
        (time(8), time(16), time(16), False),
        (time(22), time(6), time(23), True),
        (time(22), time(6), time(5, 59), True),
        (time(22), time(6), time(6), False),
        (time(22), time(6), time(12), False),
        (time(0), time(0), time(12), True),
    ],
)
def test_a_shift_holds_from_its_beginning_to_before_its_end(begins, ends, at, on):
    assert rules.is_on_shift(begins, ends, at) is on


def test_the_database_and_the_rule_agree_on_every_quarter_of_an_hour(sessions, people):
    shifts = ((time(8), time(16)), (time(22), time(6)), (time(16), time(0)))
    with sessions() as session:
        for begins, ends in shifts:
            number = session.execute(
                text("INSERT INTO shifts (name, begins, ends) VALUES (:n, :b, :e) RETURNING id"),
                {"n": str(uuid4()), "b": begins, "e": ends},
            ).scalar_one()
            session.execute(
                text(
                    "WITH b AS (INSERT INTO beats (shift_id, name, district, geom)"
                    " SELECT :shift, 'x', district, geom FROM beats LIMIT 1 RETURNING id)"
                    " INSERT INTO beat_inspectors SELECT id, :person FROM b"
                ),
                {"shift": number, "person": people["inspector"].person_id},
            )
            for quarter in range(96):
                at = NOON + timedelta(minutes=15 * quarter)
                found = queries.duty(session, people["leader1"], at=at)
                one = next(p for p in found if p["name"] == "测试inspector")
                expected = rules.is_on_shift(begins, ends, clock.local(at).time())
                assert one["on_shift"] is expected, (begins, ends, at)
            session.execute(text("DELETE FROM beat_inspectors"))
        session.rollback()


def test_the_same_fix_sent_again_is_kept_once(api):
    one = fix()
    assert sent(api, one, fix(5)).json == {"kept": 2, "left_out": 0}
    assert sent(api, one).json == {"kept": 0, "left_out": 0}
    assert sent(api, one, one).json == {"kept": 0, "left_out": 0}


def test_a_batch_that_comes_late_does_not_move_the_last_position_back(api, people):
    sent(api, fix(0, lon=LON + 0.001))
    sent(api, fix(20))
    found = api("leader1").get("/api/v1/positions").json["items"]
    one = next(p for p in found if p["person"] == people["inspector"].person_id)
    assert one["position"]["lon"] == pytest.approx(LON + 0.001, abs=1e-6)
    assert one["on_duty"] is True


def test_fixes_of_the_future_of_last_week_and_of_a_whole_town_are_left_out(api):
    ahead, old = fix(-60), fix(60 * 24 * 8)
    assert sent(api, fix(), ahead, old, fix(1, accuracy_m=5_000)).json == {
        "kept": 1,
        "left_out": 3,
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fixes": []},
        {"fixes": "x"},
        {"fixes": [1]},
        {"fixes": [{"lon": LON, "lat": LAT, "accuracy_m": 1}]},
        {"fixes": [{"lon": "x", "lat": LAT, "accuracy_m": 1, "at": "2026-11-24T09:00:00+08:00"}]},
        {"fixes": [{"lon": 0, "lat": 0, "accuracy_m": 1, "at": "2026-11-24T09:00:00+08:00"}]},
        {"fixes": [{"lon": LON, "lat": LAT, "accuracy_m": 1, "at": "2026-11-24T09:00:00"}]},
        {"fixes": [{"lon": LON, "lat": LAT, "accuracy_m": 1, "at": "yesterday"}]},
        {"fixes": [{"lon": LON, "lat": LAT, "at": "2026-11-24T09:00:00+08:00"}]},
        {"coord_sys": "mars", "fixes": [{"lon": LON, "lat": LAT, "accuracy_m": 1, "at": "x"}]},
    ],
)
def test_positions_that_cannot_be_are_refused_whole(api, sessions, body):
    assert api("inspector").post("/api/v1/positions", body).status_code == 422
    with sessions() as session:
        assert session.execute(text("SELECT count(*) FROM track_points")).scalar_one() == 0


def test_positions_in_another_coordinate_system_are_turned(api, sessions):
    assert sent(api, fix(), coord_sys="gcj02").json["kept"] == 1
    with sessions() as session:
        lon = session.execute(text("SELECT ST_X(place) FROM track_points")).scalar_one()
    assert 0.002 < abs(lon - LON) < 0.01


def test_a_track_is_of_one_day_in_order(api, people):
    sent(api, fix(3), fix(1), fix(2))
    path = f"/api/v1/tracks/{people['inspector'].person_id}"
    day = clock.local(clock.now()).date().isoformat()
    fixes = api("leader1").get(path, day=day).json["fixes"]
    assert len(fixes) <= 3
    assert [one["at"] for one in fixes] == sorted(one["at"] for one in fixes)
    assert api("leader1").get(path, day="1999-01-01").json["fixes"] == []
    assert api("leader1").get(path, day="soon").status_code == 422


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("inspector", "/api/v1/positions", 403),
        ("agent", "/api/v1/positions", 403),
        ("inspector", "/api/v1/tracks/1", 403),
        ("evaluator", "/api/v1/positions", 200),
        ("leader1", "/api/v1/tracks/999999", 404),
    ],
)
def test_who_may_know_where_inspectors_are(api, who, path, status):
    assert api(who).get(path).status_code == status


def test_only_inspectors_send_positions(api):
    assert sent(api, fix(), who="leader1").status_code == 403
