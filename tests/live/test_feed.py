"""The feed: numbers without gaps, in order of commit, for those who may see it."""

import threading
import time

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import sessionmaker

from app.kernel.db import make_engine
from app.kernel.notices import listen
from app.live import service, sockets
from app.live.sockets import rooms_for
from tests.city import INSIDE

LON, LAT = INSIDE
ANNOUNCE = text("INSERT INTO outbox (topic, subject_id, area) VALUES ('case', :n, '')")


@pytest.fixture
def alone(fresh_database):
    """Return sessions on a database that nobody else writes to, and its plain address."""
    engine = make_engine(fresh_database, pool=4)
    yield sessionmaker(engine), fresh_database.replace("+psycopg2", "")
    engine.dispose()


def feed(sessions):
    for _ in range(3):
        # A connection that the test itself cut is noticed when it is used.
        try:
            with sessions() as session:
                rows = session.execute(text("SELECT seq, subject_id FROM feed ORDER BY seq")).all()
            return [tuple(row) for row in rows]
        except OperationalError:
            time.sleep(0.1)
    pytest.fail("the database does not answer")


def test_a_number_taken_first_but_committed_last_is_not_skipped(alone):
    sessions, _ = alone
    with sessions() as early, sessions() as late:
        early.execute(ANNOUNCE, {"n": 1})
        late.execute(ANNOUNCE, {"n": 2})
        late.commit()
        service.publish_all(sessions)
        early.commit()
    service.publish_all(sessions)
    assert feed(sessions) == [(1, 2), (2, 1)]


def test_four_publishers_at_once_leave_no_gap_and_no_double(alone):
    sessions, _ = alone
    with sessions.begin() as session:
        session.execute(ANNOUNCE, [{"n": n} for n in range(2_000)])
    workers = [threading.Thread(target=service.publish_all, args=(sessions,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = feed(sessions)
    assert [seq for seq, _ in found] == list(range(1, 2_001))
    assert sorted(subject for _, subject in found) == list(range(2_000))


def test_nobody_hears_of_what_was_rolled_back(alone):
    sessions, _ = alone
    with sessions() as session:
        session.execute(ANNOUNCE, {"n": 1})
        session.rollback()
    assert service.publish_all(sessions) == 0


def test_a_listener_wakes_when_the_feed_grows(alone):
    sessions, dsn = alone
    heard = listen(dsn, "feed", pause=5)
    assert next(heard) == []
    with sessions.begin() as session:
        session.execute(ANNOUNCE, {"n": 1})
    service.publish_all(sessions)
    began = time.monotonic()
    assert next(heard) == ["1"]
    assert time.monotonic() - began < 2
    heard.close()


def test_the_publisher_comes_back_after_its_connection_was_cut(alone):
    sessions, dsn = alone
    stop = threading.Event()
    publisher = threading.Thread(target=service.run, args=(sessions, stop))
    publisher.start()
    for n in range(3):
        feed(sessions)
        with sessions.begin() as session:
            session.execute(ANNOUNCE, {"n": n})
        wait_for(lambda n=n: len(feed(sessions)) == n + 1)
        cut(dsn)
    stop.set()
    publisher.join()


def cut(dsn):
    """End every other connection to the database of ``dsn``."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usename = current_user"
        )
    connection.close()


def wait_for(done, seconds=10):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def begin(api, who="inspector", lon=LON):
    body = {"kind": "0102", "lon": lon, "lat": LAT}
    return api(who).post("/api/v1/cases", body).json["uid"]


def newest(sessions):
    """Return the number of the newest line of the feed, however long it is."""
    with sessions() as session:
        return session.execute(text("SELECT last FROM feed_head")).scalar_one()


def test_a_client_that_was_away_reads_on_where_it_stopped(api, sessions):
    leader = api("leader1")
    service.publish_all(sessions)
    last = newest(sessions)
    mine = [begin(api) for _ in range(3)]
    service.publish_all(sessions)
    reply = leader.get("/api/v1/feed", after=last).json
    assert [item["case"]["uid"] for item in reply["items"]] == mine
    assert [item["seq"] for item in reply["items"]] == [last + 1, last + 2, last + 3]
    assert reply["last"] == last + 3


def test_the_feed_shows_only_what_the_reader_may_see(api, sessions):
    service.publish_all(sessions)
    last = newest(sessions)
    west, east = begin(api), begin(api, lon=118.2105)
    service.publish_all(sessions)
    seen = {
        who: [i["case"]["uid"] for i in api(who).get("/api/v1/feed", after=last).json["items"]]
        for who in ("leader1", "dispatcher_yun", "sanitation")
    }
    assert seen == {"leader1": [west, east], "dispatcher_yun": [east], "sanitation": []}


def test_a_client_ahead_of_the_feed_is_told_to_read_afresh(api):
    assert api("leader1").get("/api/v1/feed", after=10**9).json["reset"] is True


def test_rooms_follow_from_area_and_department():
    rooms = rooms_for("3799", "HW")
    assert rooms == {"area:", "area:3", "area:37", "area:379", "area:3799", "department:HW"}


def test_a_socket_is_for_signed_in_people_and_hears_of_new_things(app, api, sessions):
    nobody = sockets.socketio.test_client(app, namespace="/live")
    assert not nobody.is_connected("/live")
    reader = sockets.socketio.test_client(app, namespace="/live", headers=api("leader1").headers)
    assert reader.is_connected("/live")
    service.publish_all(sessions)
    last = sockets.push(app.extensions["readers"], None)
    begin(api)
    service.publish_all(sessions)
    newest = sockets.push(app.extensions["readers"], last)
    heard = reader.get_received("/live")
    assert heard[-1]["name"] == "feed"
    assert heard[-1]["args"] == [{"last": newest}]
    reader.disconnect("/live")
