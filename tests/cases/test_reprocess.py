"""Running limits after a calendar or a limit was changed: what moves, and what must not."""

from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import text

from app import cli, create_app
from app.cases import reprocess
from app.kernel.clock import now
from tests.city import INSIDE, Program
from tests.conftest import config_for

LON, LAT = INSIDE
REPORT = {"kind": "0102", "lon": LON, "lat": LAT, "description": "x"}


@pytest.fixture
def house(fresh_database, tmp_path):
    """Return the application on a city of its own."""
    found = create_app(config_for(fresh_database, tmp_path))
    cli.install(found)
    yield found
    found.extensions["engine"].dispose()


def step(program, uid, action, **answers):
    seen = program.get(f"/api/v1/cases/{uid}").json["seen"]
    body = {"action": action, "answers": answers, "seen": seen}
    reply = program.post(f"/api/v1/cases/{uid}/steps", body)
    assert reply.status_code == 201, reply.text
    return reply.json


def dispatched(house: Flask, department="HW"):
    """Return a case whose handling limit runs."""
    leader, dispatcher = Program(house, "leader1"), Program(house, "dispatcher")
    uid = leader.post("/api/v1/cases", REPORT).json["uid"]
    step(leader, uid, "accept")
    asks = next(
        one["asks"]
        for one in leader.get(f"/api/v1/cases/{uid}").json["actions"]
        if one["action"] == "file"
    )
    step(leader, uid, "file", condition=asks[0]["options"][0]["value"])
    step(dispatcher, uid, "dispatch", department=department)
    return uid


def ask(house, question, **binds):
    with house.extensions["sessions"].begin() as session:
        found = session.execute(text(question), binds)
        return found.all() if found.returns_rows else None


def shut(house, days=3):
    """Close the next days, today included, in the city's calendar."""
    ask(
        house,
        "INSERT INTO calendar_days (calendar, day, working, name)"
        " SELECT 'default', (now() AT TIME ZONE 'Asia/Shanghai')::date + n, false, '封城'"
        " FROM generate_series(0, :days) n"
        " ON CONFLICT (calendar, day) DO UPDATE SET working = false",
        days=days,
    )


def case(house, uid):
    columns = "due_at, amber_at, clock_limit, handle_due_at, close_due_at, steps, state"
    return ask(house, f"SELECT {columns} FROM cases WHERE uid = :uid", uid=uid)[0]


def command(house, *words):
    found = house.test_cli_runner().invoke(args=["reprocess", *words])
    assert found.exit_code == 0, found.output
    return found.output.splitlines()


def test_an_unchanged_handbook_moves_nothing(house):
    uid = dispatched(house)
    before = case(house, uid)
    assert command(house) == ["0 cases moved"]
    assert case(house, uid) == before


def test_a_dry_run_lists_and_changes_nothing_then_the_run_moves_once(house):
    uid = dispatched(house)
    before = case(house, uid)
    shut(house)
    listed = command(house, "--dry-run")
    number = Program(house, "leader1").get(f"/api/v1/cases/{uid}").json["number"]
    assert any(line.startswith(f"{number} ") and " -> " in line for line in listed)
    assert listed[-1] == "1 cases would move, nothing was changed"
    assert case(house, uid) == before
    assert command(house)[-1] == "1 cases moved"
    after = case(house, uid)
    assert after.due_at > before.due_at
    assert after.amber_at <= after.due_at == after.handle_due_at < after.close_due_at
    assert (after.steps, after.state) == (before.steps + 1, before.state)
    assert command(house) == ["0 cases moved"]


def test_the_journal_says_what_moved_and_reconcile_finds_no_fault(house):
    uid = dispatched(house)
    shut(house)
    command(house)
    told = Program(house, "leader1").get(f"/api/v1/cases/{uid}").json["steps"][-1]
    assert (told["action"], told["state"], told["post"]) == ("reprocess", "dispatched", "system")
    assert told["action_label"] not in ("", "reprocess")
    assert {one["name"] for one in told["answers"]} == {"old_due", "new_due"}
    found = house.test_cli_runner().invoke(args=["reconcile"])
    assert found.stdout == "0 differences\n"


def test_a_stopped_clock_is_left_alone(house):
    uid = dispatched(house)
    ask(house, "UPDATE cases SET due_at = NULL, amber_at = NULL WHERE uid = :uid", uid=uid)
    shut(house)
    assert command(house) == ["0 cases moved"]


@pytest.mark.parametrize(("department", "moved"), [("HW", 1), ("YL", 0)])
def test_only_the_cases_of_the_department_asked_for_move(house, department, moved):
    dispatched(house)
    shut(house)
    assert command(house, "--department", department)[-1] == f"{moved} cases moved"


def test_a_department_that_is_not_there_is_refused(house):
    found = house.test_cli_runner().invoke(args=["reprocess", "--department", "XX"])
    assert found.exit_code == 1
    assert "no department" in found.output


def test_a_corrected_limit_moves_the_case_to_the_limit_of_the_new_row(house):
    uid = dispatched(house)
    before = case(house, uid)
    (number,) = ask(house, "SELECT condition_id FROM cases WHERE uid = :uid", uid=uid)[0]
    body = {"limit": before.clock_limit * 2, "unit": "wh", "effective_from": "2000-01-01"}
    reply = Program(house, "admin").post(f"/api/v1/handbook/conditions/{number}/limits", body)
    assert reply.status_code == 201, reply.text
    assert command(house)[-1] == "1 cases moved"
    after = case(house, uid)
    assert after.clock_limit == before.clock_limit * 2
    assert after.due_at > before.due_at


def test_a_limit_from_tomorrow_on_leaves_what_was_filed_today(house):
    uid = dispatched(house)
    (number,) = ask(house, "SELECT condition_id FROM cases WHERE uid = :uid", uid=uid)[0]
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    body = {"limit": 40, "unit": "wh", "effective_from": tomorrow}
    reply = Program(house, "admin").post(f"/api/v1/handbook/conditions/{number}/limits", body)
    assert reply.status_code == 201, reply.text
    assert command(house) == ["0 cases moved"]
    again = Program(house, "admin").post(f"/api/v1/handbook/conditions/{number}/limits", body)
    assert again.status_code == 409


def test_a_department_with_a_calendar_of_its_own_is_moved_by_it(house):
    uid = dispatched(house)
    before = case(house, uid)
    admin = Program(house, "admin")
    hours = {
        "calendar": "round the clock",
        "effective_from": "2000-01-01",
        "weekdays": "1234567",
        "spans": [["00:00", "23:59"]],
    }
    assert admin.post("/api/v1/handbook/calendars", hours).status_code == 201
    given = {"whose": "department", "code": "HW", "calendar": "round the clock"}
    given["effective_from"] = "2000-01-01"
    assert admin.post("/api/v1/handbook/assignments", given).status_code == 201
    command(house)
    after = case(house, uid)
    assert after.due_at <= before.due_at
    begun = ask(house, "SELECT clock_at FROM cases WHERE uid = :uid", uid=uid)[0].clock_at
    assert after.due_at - begun == timedelta(hours=before.clock_limit)


def test_a_job_that_was_broken_off_goes_on_where_it_was(house, monkeypatch):
    uids = [dispatched(house) for _ in range(3)]
    before = {uid: case(house, uid) for uid in uids}
    shut(house)
    monkeypatch.setattr(reprocess, "BATCH", 1)
    sessions = house.extensions["sessions"]
    with sessions.begin() as session:
        moved, _ = reprocess.batch(session, after=0, department="", at=now())
    assert len(moved) == 1
    assert reprocess.run(sessions) == 2
    assert all(case(house, uid).steps == before[uid].steps + 1 for uid in uids)


def test_whoever_acts_on_a_case_meanwhile_is_waited_for(house):
    uid = dispatched(house)
    shut(house)
    sessions = house.extensions["sessions"]
    with sessions.begin() as session:
        session.execute(text("SELECT 1 FROM cases WHERE uid = :uid FOR UPDATE"), {"uid": uid})
        moving = Thread(target=reprocess.run, args=(sessions,))
        moving.start()
        moving.join(0.4)
        assert moving.is_alive()
        session.execute(text("UPDATE cases SET due_at = NULL, amber_at = NULL"))
    moving.join(10)
    assert not moving.is_alive()
    assert case(house, uid).due_at is None


def test_a_limit_that_is_extended_keeps_to_the_calendar_of_the_day_it_began(house):
    uid, admin = dispatched(house), Program(house, "admin")
    hours = {
        "calendar": "round the clock",
        "effective_from": "2000-01-01",
        "weekdays": "1234567",
        "spans": [["00:00", "23:59"]],
    }
    assert admin.post("/api/v1/handbook/calendars", hours).status_code == 201
    given = {"whose": "department", "code": "HW", "calendar": "round the clock"}
    given["effective_from"] = now().date().isoformat()
    assert admin.post("/api/v1/handbook/assignments", given).status_code == 201
    back = "clock_at = clock_at - interval '2 days', handle_from = handle_from - interval '2 days'"
    ask(
        house, f"UPDATE cases SET {back}, due_at = due_at + interval '9 days' WHERE uid = :u", u=uid
    )
    command(house)
    ask(house, "UPDATE cases SET due_at = now() + interval '1 day' WHERE uid = :u", u=uid)
    sanitation = Program(house, "sanitation")
    step(sanitation, uid, "sign")
    step(sanitation, uid, "ask_extend", reason="雨天")
    step(Program(house, "leader1"), uid, "extend")
    assert command(house) == ["0 cases moved"]
