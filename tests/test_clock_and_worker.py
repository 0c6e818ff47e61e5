"""The clock leads alone, its jobs run once a window; the worker loses nothing."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from datetime import time as datetime_time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app import jobs
from app.cases import upkeep
from app.kernel import clock, queue
from app.kernel.db import make_engine
from app.kernel.leader import lead
from tests.city import INSIDE

ROOT = Path(__file__).parent.parent


@pytest.fixture
def alone(fresh_database):
    """Return sessions on a database of the test's own, and its plain address."""
    engine = make_engine(fresh_database, pool=4)
    yield sessionmaker(engine), fresh_database.replace("+psycopg2", "")
    engine.dispose()


def wait_for(done, seconds=10):
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def test_of_three_only_one_leads_and_a_stand_by_takes_over(alone):
    _, dsn = alone
    led, stops = [], [threading.Event() for _ in range(3)]
    threads = [
        threading.Thread(
            target=lead,
            args=(dsn, 42, lambda n=n: led.append(n), lambda n=n: led.remove(n), stops[n]),
            daemon=True,
        )
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: led)
    time.sleep(1.5)
    assert len(led) == 1
    first = led[0]
    stops[first].set()
    wait_for(lambda: led and led != [first], seconds=5)
    assert len(led) == 1
    for stop in stops:
        stop.set()
    for thread in threads:
        thread.join()


LEADER = """
import sys, threading
sys.path.insert(0, sys.argv[2])
from app.kernel.leader import lead
lead(sys.argv[1], 43, lambda: print("leads", flush=True), lambda: None, threading.Event())
"""


def test_a_leader_that_is_killed_is_replaced_within_five_seconds(alone):
    _, dsn = alone
    command = [sys.executable, "-c", LEADER, dsn, str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "leads\n"
        took_over, stop = threading.Event(), threading.Event()
        heir = threading.Thread(target=lead, args=(dsn, 43, took_over.set, lambda: None, stop))
        heir.start()
        time.sleep(1)
        assert not took_over.is_set()
        first.kill()
        assert took_over.wait(5)
        stop.set()
        heir.join()


def test_a_window_fires_once_however_many_clocks_there_are(alone):
    sessions, _ = alone
    at = datetime(2026, 11, 22, 10, 0, 1, tzinfo=UTC)
    assert [jobs.fire(sessions, "mark_due", at) for _ in range(3)] == [True, False, False]
    assert jobs.fire(sessions, "mark_due", at + timedelta(seconds=5)) is True


def test_what_has_come_due_is_marked_once_and_announced(api, sessions):
    lon, lat = INSIDE
    uid = (
        api("inspector").post("/api/v1/cases", {"kind": "0102", "lon": lon, "lat": lat}).json["uid"]
    )
    later = datetime.now(UTC) + timedelta(minutes=16)
    with sessions.begin() as session:
        assert upkeep.mark_due(session, at=later) >= 1
    with sessions.begin() as session:
        assert upkeep.mark_due(session, at=later) == 0
        marked = session.execute(
            text("SELECT overdue_marked_at FROM cases WHERE uid = :uid"), {"uid": uid}
        ).scalar_one()
    assert marked is not None


def test_a_job_runs_once_and_a_failing_one_waits_and_comes_again(alone):
    sessions, _ = alone
    ran = []

    def fail(_):
        ran.append("fail")
        raise ValueError("not today")

    handlers = {"good": lambda _, n: ran.append(n) if n else None, "bad": fail}
    with sessions.begin() as session:
        queue.defer(session, "good", n=1)
        queue.defer(session, "good", dedupe="x", n=2)
        queue.defer(session, "good", dedupe="x", n=3)
        queue.defer(session, "bad")
    while queue.run_one(sessions, handlers):
        pass
    assert ran == [1, 2, "fail"]
    with sessions.begin() as session:
        row = session.execute(
            text("SELECT tries, error, run_at > now() AS later FROM jobs WHERE done_at IS NULL")
        ).one()
    assert (row.tries, row.later, "not today" in row.error) == (1, True, True)


def test_a_job_of_a_transaction_that_failed_does_not_exist(alone):
    sessions, _ = alone
    with sessions() as session:
        queue.defer(session, "good", n=1)
        session.rollback()
    assert queue.run_one(sessions, {}) is False


@pytest.mark.parametrize(
    ("moments", "runs"),
    [
        ([(23, 7, 59)], 0),
        ([(23, 8, 0)], 1),
        ([(23, 8, 0), (23, 8, 1), (23, 23, 59)], 1),
        ([(23, 12, 0)], 1),
        ([(23, 8, 0), (24, 7, 0), (24, 8, 0)], 2),
    ],
)
def test_daily_work_is_done_once_a_day_from_its_hour_on(alone, monkeypatch, moments, runs):
    sessions, _ = alone
    done = []
    for day, hour, minute in moments:
        at = datetime(2026, 11, day, hour, minute, tzinfo=clock.CITY_TIME)
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        with sessions.begin() as session:
            jobs.daily(session, "digest", datetime_time(8), done.append)
    assert len(done) == runs
