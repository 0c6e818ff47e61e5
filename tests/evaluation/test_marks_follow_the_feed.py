"""What people do through the API is in the counts as soon as the feed tells of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app import create_app
from app.evaluation import marks, measures, proof
from app.kernel.clock import local
from app.live import service as live
from tests.cases.pressing import act, dispatched
from tests.city import Program
from tests.conftest import config_for

AGAIN = text("SELECT count(*) FROM jobs WHERE name = 'count_marks' AND done_at IS NULL")


@pytest.fixture
def house(fresh_database, tmp_path):
    app = create_app(config_for(fresh_database, tmp_path))
    yield app.extensions["sessions"], lambda name: Program(app, name)
    app.extensions["engine"].dispose()


def today(session, objects):
    day = local(datetime.now(UTC)).date()
    return measures.measured(session, objects, day, day + timedelta(days=1))


def test_each_step_is_counted_once_however_often_one_looks(house):
    sessions, api = house
    uid = dispatched(api)
    live.publish_all(sessions)
    for _ in range(2):
        with sessions.begin() as session:
            marks.keep_current(session, at=datetime.now(UTC))
    with sessions.begin() as session:
        assert today(session, "departments")["HW"] == {"inst_num": 1, "dispatch_num": 1}
    act(api, "sanitation", uid, "sign")
    act(api, "sanitation", uid, "ask_extend", reason="等材料")
    act(api, "leader1", uid, "extend")
    live.publish_all(sessions)
    with sessions.begin() as session:
        marks.keep_current(session, at=datetime.now(UTC))
        found = today(session, "departments")["HW"]
    assert found == {"inst_num": 1, "dispatch_num": 1, "postpone_num": 1}


def test_history_asks_to_be_counted_once_and_goes_on_where_it_was_broken_off(house):
    sessions, api = house
    uid = dispatched(api)
    for _ in range(3):
        with sessions.begin() as session:
            marks.keep_current(session, at=datetime.now(UTC))
    with sessions.begin() as session:
        assert session.execute(AGAIN).scalar_one() == 1
    assert (marks.count_whole(sessions), marks.count_whole(sessions, anew=True)) == (1, 1)
    with sessions.begin() as session:
        assert today(session, "departments")["HW"]["inst_num"] == 1, uid
        assert list(proof.walk(session, every=True)) == []
