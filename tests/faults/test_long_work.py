"""The promise: long work is done once or not at all, whoever dies under it, whoever stops it.

A worker here is a process of its own, forked with the application loaded; it is killed at a named
point (its work is done, nothing is committed: a trigger of the test's holds it there) or at a
moment that chance chooses.  The oracle is the same work undisturbed, in a city of its own.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker

from app import create_app, jobs
from app.cases import reconcile
from app.kernel import queue
from app.kernel.db import make_engine
from tests.city import Program
from tests.conftest import clone, config_for
from tests.faults.asking import JOBS, House

GATE = 4711
PATIENCE = 30.0
VOLATILE = {
    *("id", "import_id", "version_id", "campaign", "beat_id", "layer_id", "style_id"),
    *("counts", "report", "statistics"),
    # Over the time of the step, which chance gives too.
    "hash",
}
NOT_THE_CITY = {
    "jobs",
    "sign_ins",
    "sessions",
    "uploads",
    "attempts",
    "firings",
    "audit",
    "versions",
    # Made of the journal by the clock, whenever it comes by.
    *("marks", "mark_clocks", "mark_cursor", "patrol_days", "tallies"),
}
HOLD = (
    "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    f" PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NEW; END $$;"
    " CREATE TRIGGER hold BEFORE UPDATE ON jobs FOR EACH ROW"
    " WHEN (OLD.ended IS NULL AND NEW.ended = 'done') EXECUTE FUNCTION hold()"
)
WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    f" AND objid = {GATE} AND database = (SELECT oid FROM pg_database"
    " WHERE datname = current_database())"
)


@pytest.fixture(scope="module")
def houses(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, ...]]:
    """Return two equal cities: in one all goes well, in the other nothing does."""
    clones = [clone(template) for _ in range(2)]
    built = []
    for one in clones:
        address = next(one)
        app = create_app(config_for(address, tmp_path_factory.mktemp("house")))
        built.append(House(app, address, Program(app, "admin"), random.Random(len(built))))
    built[1].ask(HOLD + "; SELECT 1")
    yield tuple(built)
    for house, one in zip(built, clones, strict=True):
        house.app.extensions["engine"].dispose()
        assert list(one) == []


@pytest.fixture
def house_alone(template: str, tmp_path: Path) -> Iterator[House]:
    """Return a city of the test's own."""
    for address in clone(template):
        app = create_app(config_for(address, tmp_path))
        yield House(app, address, Program(app, "admin"), random.Random(3))
        app.extensions["engine"].dispose()


BACKGROUND = {
    *("count_marks", "count_parts", "deliver_notices", "export_journal", "sweep_uploads"),
    "write_bulletin",
}
"""Jobs that nobody waits for: they do the same however often they run."""


def test_every_job_is_among_those_that_are_killed_here(app: Flask) -> None:
    known = jobs.handlers(app.extensions["sessions"], app.config["SETTINGS"])
    assert set(known) == set(JOBS) | BACKGROUND


def contents(house: House) -> dict[str, Any]:
    """Return every table of the city as a digest of its rows, without numbers that chance gives."""
    columns: dict[str, list[str]] = {}
    for table, column in house.ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        "  AND data_type NOT IN ('timestamp with time zone', 'uuid') ORDER BY 1, 2"
    ):
        if table not in NOT_THE_CITY and column not in VOLATILE:
            columns.setdefault(table, []).append(f'"{column}"::text')
    digests = " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(coalesce(string_agg(line, E'\\n' ORDER BY line), ''))"
        f" FROM (SELECT concat_ws('|', {', '.join(shown)}) AS line FROM {table}) x"
        for table, shown in columns.items()
    )
    found = {table: (n, digest) for table, n, digest in house.ask(digests)}
    said = house.ask("SELECT action, count(*) FROM audit WHERE action NOT LIKE 'job.%' GROUP BY 1")
    return found | {"audit": sorted(map(tuple, said))}


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: (one[name], other[name]) for name in one if one[name] != other[name]}


@contextmanager
def worker(house: House) -> Iterator[int]:
    """Run a worker in a process of its own and yield its number; it is killed at the end."""
    child = os.fork()
    if child == 0:
        try:
            engine = make_engine(house.address, pool=6)
            jobs.run_worker(sessionmaker(engine), house.settings, threading.Event())
        finally:
            os._exit(1)
    try:
        yield child
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def until(true: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def state(house: House, job: int) -> Any:
    return house.ask("SELECT ended, tries, error FROM jobs WHERE id = :job", job=job)[0]


@contextmanager
def gate(house: House) -> Iterator[Callable[[], Any]]:
    """Hold whoever is about to end a job; yield a question that says whether somebody is."""
    watching = psycopg2.connect(house.settings.dsn)
    watching.autocommit = True
    cursor = watching.cursor()
    cursor.execute("SELECT pg_advisory_lock(%s)", (GATE,))

    def held() -> bool:
        cursor.execute(WAITING)
        return bool(cursor.fetchone()[0])

    try:
        yield held
    finally:
        watching.close()


def lease_is_out(house: House, job: int) -> None:
    alive = "SELECT 1 FROM jobs WHERE id = :job AND held_until > now()"
    until(lambda: not house.ask(alive, job=job), "the lease never ran out")


def finished(house: House, job: int) -> Any:
    with worker(house):
        until(lambda: state(house, job).ended, f"never ended: {state(house, job)}")
        # What the job leaves to do is done too, as by a worker that goes on.
        left = "SELECT 1 FROM jobs WHERE done_at IS NULL AND error IS NULL"
        until(lambda: not house.ask(left), "something waits for ever")
    return state(house, job)


def stopped_and_asked_again(house: House, job: int) -> None:
    """Stop a job that a dead worker had begun, see that nothing is left of it, and do it then."""
    before = contents(house)
    house.ask("UPDATE jobs SET begun_at = now() WHERE id = :job RETURNING 1", job=job)
    told = house.admin.post(f"/api/v1/jobs/{job}/cancel", {}).json
    assert told["state"] == "cancelling"
    house.settle()
    assert house.admin.get(f"/api/v1/jobs/{job}").json["state"] == "cancelled"
    assert differing(before, contents(house)) == {}
    assert not (house.settings.data / "exports" / str(job) / "parts.gpkg").exists()
    house.ask(
        "UPDATE jobs SET cancel_asked_at = NULL, done_at = NULL, ended = NULL WHERE id = :job"
        " RETURNING 1",
        job=job,
    )
    house.settle()
    assert state(house, job).ended == "done"


def killed_again_and_again(house: House, job: int) -> None:
    """Kill one worker before it commits, one at any moment; let a third do what is left."""
    before = contents(house)
    with gate(house) as held, worker(house) as first:
        until(held, f"never came to its end: {state(house, job)}")
        os.kill(first, signal.SIGKILL)
    lease_is_out(house, job)
    assert differing(before, contents(house)) == {}, "half of it stayed"
    with worker(house):
        time.sleep(house.chance.uniform(0.01, 0.3))
    lease_is_out(house, job)
    assert state(house, job).ended in (None, "done")
    assert finished(house, job).ended == "done"


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_that_is_stopped_leaves_nothing_and_one_whose_workers_die_is_done_once(
    kind: str, houses: tuple[House, House]
) -> None:
    calm, rough = houses
    stopped_and_asked_again(calm, JOBS[kind](calm))
    job = JOBS[kind](rough)
    killed_again_and_again(rough, job)
    assert differing(contents(calm), contents(rough)) == {}
    assert rough.admin.get(f"/api/v1/jobs/{job}").json["result"] is not None
    with rough.sessions() as session:
        assert reconcile.differences(session, rough.settings.files) == []


@pytest.mark.parametrize(
    ("kind", "asked", "n"),
    [
        ("apply_parts", "parts", 41),
        ("make_cells", "cells WHERE community = '379901001001' AND ended_on IS NOT NULL", 12),
        ("import_layer", "layer_features", 8),
    ],
)
def test_a_job_outlives_the_loss_of_the_database(
    kind: str, asked: str, n: int, house_alone: House
) -> None:
    city = house_alone
    job = JOBS[kind](city)
    city.ask(HOLD + "; SELECT 1")
    with worker(city):
        with gate(city) as held:
            until(held, f"never came to its end: {state(city, job)}")
            city.ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND application_name = 'wanmi'"
            )
            city.app.extensions["engine"].dispose()
        until(lambda: state(city, job).ended, "never ended")
    assert state(city, job) == ("done", 2, None)
    assert city.ask(f"SELECT count(*) FROM {asked}") == [(n,)]


def test_a_job_that_outlives_its_workers_too_often_is_given_up(houses: tuple[House, House]) -> None:
    calm, _ = houses
    job = JOBS["check_cells"](calm)
    calm.ask(
        "UPDATE jobs SET tries = 8, begun_at = now(), held_until = now() - interval '1 second'"
        " WHERE id = :job RETURNING 1",
        job=job,
    )
    calm.settle()
    told = calm.admin.get(f"/api/v1/jobs/{job}").json
    assert (told["state"], bool(told["error"])) == ("failed", True)


def test_a_worker_that_was_only_taken_for_dead_takes_its_work_back(
    houses: tuple[House, House],
) -> None:
    calm, _ = houses
    job = JOBS["balance_beats"](calm)
    doers = jobs.handlers(calm.sessions, calm.settings)
    done = []

    def slowly(progress: queue.Progress, **told: Any) -> None:
        """Be overtaken by another worker before the end."""
        calm.ask("UPDATE jobs SET held_until = NULL WHERE id = :job RETURNING 1", job=job)
        assert queue.run_one(calm.sessions, doers)
        done.append(contents(calm))
        doers["balance_beats"](progress, **told)

    assert queue.run_one(calm.sessions, doers | {"balance_beats": slowly})
    assert state(calm, job) == ("done", 2, None)
    assert differing(done[0], contents(calm)) == {}
