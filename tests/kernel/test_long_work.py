"""Jobs that people see: progress, results, refusals, stopping, dead workers; sent files."""

import io

import pytest
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app.kernel import queue, uploads
from app.kernel.db import make_engine
from app.kernel.errors import Refused, TooLarge, sentence
from tests.city import Program


@pytest.fixture
def alone(fresh_database):
    """Return sessions on a database of the test's own."""
    engine = make_engine(fresh_database, pool=4)
    yield sessionmaker(engine)
    engine.dispose()


@pytest.fixture
def admin(api) -> Program:
    return api("admin")


def ask(sessions, people, name="work", **args):
    with sessions.begin() as session:
        return queue.defer(session, name, actor=people["admin"], title="导入路灯", **args)


def state(admin, job):
    return admin.get(f"/api/v1/jobs/{job}").json


def settle(sessions, **handlers):
    while queue.run_one(sessions, handlers):
        pass


def idle(sessions):
    """End what other tests left waiting."""
    with sessions.begin() as session:
        session.execute(text("UPDATE jobs SET done_at = now() WHERE done_at IS NULL"))


def test_a_job_tells_how_far_it_is_and_ends_in_a_result(sessions, people, admin):
    idle(sessions)
    job = ask(sessions, people, n=3)
    assert state(admin, job)["state"] == "waiting"

    def work(progress, n):
        progress.tell(1, n, note=sentence("Progress"))
        seen = state(admin, job)
        assert (seen["state"], seen["done"], seen["total"], seen["note"]) == (
            "running",
            1,
            3,
            "进度",
        )
        return {"stored": n}

    settle(sessions, work=work)
    seen = state(admin, job)
    assert (seen["state"], seen["result"], seen["done"]) == ("done", {"stored": 3}, 3)


def test_a_refusal_ends_the_job_with_its_sentence_and_is_not_tried_again(sessions, people, admin):
    idle(sessions)
    job = ask(sessions, people)
    ran = []

    def work(progress):
        ran.append(1)
        raise Refused(sentence("There is no part “%(part)s”."), part="7")

    settle(sessions, work=work)
    seen = state(admin, job)
    assert (seen["state"], seen["error"], ran) == ("refused", "没有部件“7”。", [1])


def test_a_fault_is_tried_once_more_and_then_told(sessions, people, admin):
    idle(sessions)
    job = ask(sessions, people)

    def work(progress):
        raise ValueError("not today")

    settle(sessions, work=work)
    assert state(admin, job)["state"] == "running"
    with sessions.begin() as session:
        session.execute(text("UPDATE jobs SET run_at = now() WHERE id = :id"), {"id": job})
    settle(sessions, work=work)
    seen = state(admin, job)
    assert seen["state"] == "failed"
    assert "not today" not in seen["error"]


def test_a_waiting_job_is_stopped_at_once_and_never_runs(sessions, people, admin):
    idle(sessions)
    job = ask(sessions, people)
    assert admin.post(f"/api/v1/jobs/{job}/cancel", {}).json["state"] == "cancelled"
    settle(sessions, work=lambda _: pytest.fail("it ran"))


def test_a_running_job_stops_where_it_next_tells_and_nothing_of_it_remains(sessions, people, admin):
    idle(sessions)
    job = ask(sessions, people)

    def work(progress):
        with sessions.begin() as session:
            session.execute(text("INSERT INTO versions (name) VALUES ('half done')"))
            admin.post(f"/api/v1/jobs/{job}/cancel", {})
            assert state(admin, job)["state"] == "cancelling"
            progress.tell(1, 2, note="x")
            pytest.fail("it went on")

    settle(sessions, work=work)
    assert state(admin, job)["state"] == "cancelled"
    with sessions.begin() as session:
        assert not session.execute(text("SELECT 1 FROM versions WHERE name = 'half done'")).first()


def test_a_job_of_a_dead_worker_is_taken_over_when_its_lease_is_out(sessions, people, admin):
    idle(sessions)
    job = ask(sessions, people)
    with sessions.begin() as session:
        session.execute(queue.TAKE, {"most": 8, "lease": 60})
    assert queue.run_one(sessions, {"work": lambda _: None}) is False
    with sessions.begin() as session:
        session.execute(
            text("UPDATE jobs SET held_until = now() - interval '1 second' WHERE id = :id"),
            {"id": job},
        )
    settle(sessions, work=lambda _: {"again": True})
    assert state(admin, job)["result"] == {"again": True}


def test_a_lease_is_renewed_while_the_handler_works(alone):
    with alone.begin() as session:
        queue.defer(session, "slow")

    def slow(progress):
        with alone.begin() as session:
            session.execute(text("UPDATE jobs SET held_until = now()"))
        for _ in range(100):
            with alone.begin() as session:
                if session.execute(text("SELECT held_until > now() FROM jobs")).scalar_one():
                    return
                session.execute(text("SELECT pg_sleep(0.02)"))
        pytest.fail("nobody renewed it")

    assert queue.run_one(alone, {"slow": slow}, lease=0.2)
    with alone.begin() as session:
        assert session.execute(text("SELECT ended FROM jobs")).scalar_one() == "done"


def test_a_job_that_finished_with_its_work_is_not_done_a_second_time(alone):
    with alone.begin() as session:
        queue.defer(session, "once")

    def once(progress):
        with alone.begin() as session:
            session.execute(text("INSERT INTO versions (name) VALUES ('once')"))
            progress.finish(session, {"n": 1})

    settle(alone, once=once)
    with alone.begin() as session:
        assert session.execute(text("SELECT result->>'n' FROM jobs")).scalar_one() == "1"


def test_nobody_sees_the_jobs_of_others_but_the_administrator(sessions, people, api, admin):
    with sessions.begin() as session:
        job = queue.defer(session, "work", actor=people["agent"], title="x")
    assert api("agent").get(f"/api/v1/jobs/{job}").status_code == 200
    assert api("leader1").get(f"/api/v1/jobs/{job}").status_code == 404
    assert job not in [one["id"] for one in api("leader1").get("/api/v1/jobs").json["items"]]
    assert job in [one["id"] for one in admin.get("/api/v1/jobs").json["items"]]


def send(program, name, raw):
    return program.client.post(
        "/api/v1/uploads", query_string={"name": name}, data=raw, headers=program.headers
    )


def test_a_file_larger_than_a_request_may_be_is_stored_whole(app, sessions, admin):
    raw = b"code,name\n" + b"1,x\n" * 4_000_000
    reply = send(admin, "../路灯.csv", raw)
    assert reply.status_code == 201
    assert (reply.json["name"], reply.json["bytes"]) == ("路灯.csv", len(raw))
    with sessions.begin() as session:
        found = uploads.find(session, app.config["DATA"], reply.json["id"])
    assert found.path.read_bytes() == raw
    assert found.path.is_relative_to(app.config["DATA"] / "uploads")


@pytest.mark.parametrize(
    ("name", "raw", "status"),
    [
        ("virus.exe", b"x", 422),
        ("..", b"x", 422),
        ("x.csv\0.png", b"x", 400),
        ("empty.csv", b"", 422),
        ("", b"x", 422),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_and_leaves_nothing(
    app, admin, name, raw, status
):
    before = set((app.config["DATA"] / "uploads").glob("*"))
    reply = send(admin, name, raw)
    assert reply.status_code == status
    assert set((app.config["DATA"] / "uploads").glob("*")) == before


def test_a_file_over_the_limit_is_refused_while_it_comes(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 1000)
    with pytest.raises(TooLarge, match="larger than"):
        uploads.store(tmp_path, "a.csv", io.BytesIO(b"x" * 1001), length=None)
    assert list((tmp_path / "uploads").glob("*")) == []


def test_old_files_are_swept_and_missed_with_a_sentence(app, sessions, admin):
    number = send(admin, "a.csv", b"x").json["id"]
    with sessions.begin() as session:
        session.execute(
            text("UPDATE uploads SET at = now() - interval '8 days' WHERE id = :id"), {"id": number}
        )
        assert uploads.sweep(session, app.config["DATA"]) >= 1
    assert not (app.config["DATA"] / "uploads" / number).exists()


def test_only_who_may_import_sends_files(api):
    assert send(api("leader1"), "a.csv", b"x").status_code == 403
