"""Reconcile: silent on an honest house, loud after each kind of tampering."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

from app import create_app
from app.cases import anchors, reconcile
from app.kernel import clock
from app.live import service as live
from app.notices import service as notices
from tests.cases.pressing import act, dispatched, reported
from tests.city import INSIDE, Program
from tests.conftest import config_for

LON, LAT = INSIDE
OFF = "ALTER TABLE {0} DISABLE TRIGGER USER"


@pytest.fixture
def house(fresh_database, tmp_path):
    """Return a database with one accepted case, and the folder of its photos."""
    app = create_app(config_for(fresh_database, tmp_path))
    inspector, leader = Program(app, "inspector"), Program(app, "leader1")
    uid = inspector.post("/api/v1/cases", {"kind": "0102", "lon": LON, "lat": LAT}).json["uid"]
    leader.post(f"/api/v1/cases/{uid}/steps", {"action": "accept", "answers": {}, "seen": 1})
    app.extensions["engine"].dispose()
    engine = create_engine(fresh_database)
    yield sessionmaker(engine), tmp_path / "files"
    engine.dispose()


@pytest.fixture
def pressed(fresh_database, tmp_path):
    """Return a database with a case in a department's hands, urged and under an order."""
    app = create_app(config_for(fresh_database, tmp_path))
    sessions = app.extensions["sessions"]
    api = partial(Program, app)
    uid = dispatched(api)
    api("dispatcher").post(f"/api/v1/cases/{uid}/urges", {"words": "x"})
    order = {"words": "x", "limit": 1, "unit": "wd"}
    api("mayor").post(f"/api/v1/cases/{uid}/orders", order)
    live.publish_all(sessions)
    with sessions.begin() as session:
        notices.spread_all(session)
        day = clock.local(clock.now()).date()
        anchors.export(session, tmp_path, day - timedelta(days=1))
        anchors.export(session, tmp_path, day)
    app.extensions["engine"].dispose()
    engine = create_engine(fresh_database)
    yield sessionmaker(engine), tmp_path / "files"
    engine.dispose()


def told(sessions, files):
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return {found["what"] for found in reconcile.differences(session, files)}


def test_an_honest_house_has_no_differences(house):
    assert told(*house) == set()


@pytest.mark.parametrize(
    ("table", "harm", "says"),
    [
        ("cases", "UPDATE cases SET state = 'filed'", "a summary is not what its last step says"),
        ("cases", "UPDATE cases SET steps = 9", "a summary is not what its last step says"),
        ("case_steps", "UPDATE case_steps SET answers = '{\"reason\": \"x\"}' WHERE position = 1",
         "a line of the journal was changed"),
        ("case_steps", "UPDATE case_steps SET at = at - interval '1 hour' WHERE position = 2",
         "a line of the journal was changed"),
        ("case_steps", "UPDATE case_steps SET actor_id = 99 WHERE position = 1",
         "a line of the journal was changed"),
        ("case_steps", "DELETE FROM case_steps WHERE position = 1", "a journal has a gap"),
        ("case_steps", "DELETE FROM case_steps", "a case has no journal"),
        ("case_steps", "UPDATE case_steps SET source = 'filed' WHERE position = 2",
         "a step does not begin where the one before ended"),
        ("outbox", "DELETE FROM outbox", "a step was never announced"),
        ("audit", "DELETE FROM audit", "a step is not in the audit"),
        ("photos", "INSERT INTO photos (sha256, original_sha256, bytes, width, height, uploader_id)"
         " VALUES ('ab', 'ab', 1, 1, 1, 1)", "a photo is not on disk"),
        ("feed", "INSERT INTO feed (seq, topic, subject_id, area, at) VALUES"
         " (1, 'case', 1, '', now()), (3, 'case', 1, '', now())", "the feed has a gap"),
        ("cases", "UPDATE cases SET filed_at = now()", "a filed case has no number, or one twice"),
    ],
)  # fmt: skip
def test_each_tampering_is_found(house, table, harm, says):
    sessions, files = house
    with sessions.begin() as session:
        session.execute(text(OFF.format(table)))
        session.execute(text(harm.replace(":", r"\:")))
    assert says in told(sessions, files)


def test_a_pressed_and_exported_house_has_no_differences(pressed):
    assert told(*pressed) == set()


RECHAIN = (
    "UPDATE case_steps SET answers = '{\"words\": \"y\"}' WHERE action = 'accept';"
    " DO $$ DECLARE r case_steps; former bytea := ''; BEGIN FOR r IN SELECT * FROM case_steps"
    " ORDER BY position LOOP former := sha256(former || convert_to(step_text(r), 'UTF8'));"
    " UPDATE case_steps SET hash = former WHERE id = r.id; END LOOP; END $$"
)


@pytest.mark.parametrize(
    ("table", "harm", "says"),
    [
        ("cases", "UPDATE cases SET closed_at = now()",
         "a case is closed that the flow leaves open, or open that it closed"),
        ("cases", "UPDATE cases SET rework_count = 3",
         "a summary counts other reworks than the journal"),
        ("cases", "UPDATE cases SET department = 'YL'",
         "a summary names another department than was dispatched to"),
        ("cases", "UPDATE cases SET filed_at = now() - interval '1 day'",
         "a summary was filed at another time than the journal says"),
        ("case_orders", "UPDATE case_orders SET state = 'ended'",
         "a supervision order is not in the journal"),
        ("case_orders", "DELETE FROM case_orders",
         "the journal speaks of an order that there is not"),
        ("case_urges", "DELETE FROM case_urges",
         "the journal counts other urges than there are"),
        ("notices", "UPDATE notices SET step_id = 99999",
         "a notice tells of a step that there is not"),
        ("case_steps", RECHAIN, "the journal is not what was exported"),
        ("journal_anchors", "UPDATE journal_anchors SET steps = 1",
         "the chain of days is broken"),
        ("journal_anchors", "DELETE FROM journal_anchors WHERE steps = 0",
         "the chain of days is broken"),
    ],
)  # fmt: skip
def test_each_tampering_with_what_presses_is_found(pressed, table, harm, says):
    sessions, files = pressed
    with sessions.begin() as session:
        session.execute(text(OFF.format(table)))
        session.connection().exec_driver_sql(harm)
    assert says in told(sessions, files)


@pytest.fixture
def branched(fresh_database, tmp_path):
    """Return a database with a request, a helper, a task and a divided case."""
    app = create_app(config_for(fresh_database, tmp_path))
    api = partial(Program, app)
    uid = dispatched(api)
    act(api, "dispatcher", uid, "ask_help", departments=["YL"])
    act(api, "sanitation", uid, "ask_return", reason="x")
    act(api, "leader1", uid, "refuse_return", reason="x")
    act(api, "leader1", uid, "ask_void", reason="x")
    sent = reported(api)
    act(api, "agent", sent, "ask_confirm", inspector=str(api("inspector2").id))
    whole = reported(api)
    act(api, "leader1", whole, "accept")
    options = api("leader1").get(f"/api/v1/cases/{whole}").json["actions"]
    condition = next(a for a in options if a["action"] == "file")["asks"][0]["options"][0]["value"]
    act(api, "leader1", whole, "file", condition=condition)
    act(api, "dispatcher", whole, "divide", departments=["HW", "YL"])
    app.extensions["engine"].dispose()
    engine = create_engine(fresh_database)
    yield sessionmaker(engine), tmp_path / "files"
    engine.dispose()


def test_a_house_with_every_branch_has_no_differences(branched):
    assert told(*branched) == set()


@pytest.mark.parametrize(
    ("table", "harm", "says"),
    [
        ("case_requests", "UPDATE case_requests SET asked_step = asked_step - 1",
         "a request is not in the journal"),
        ("case_requests", "UPDATE case_requests SET outcome = 'granted' WHERE outcome = 'refused'",
         "a request is not in the journal"),
        ("case_requests", "UPDATE case_requests SET asked_by = 99",
         "a request is not in the journal"),
        ("case_requests", "DELETE FROM case_requests WHERE outcome IS NULL",
         "the journal speaks of a request that there is not"),
        ("case_helpers", "UPDATE case_helpers SET department = 'SZ'",
         "a department helps that nobody asked"),
        ("tasks", "UPDATE tasks SET person_id = 1",
         "a case and its task name different inspectors"),
        ("cases", "UPDATE cases SET inspector_id = 99 WHERE inspector_id IS NOT NULL",
         "a case and its task name different inspectors"),
        ("cases", "UPDATE cases SET closed_at = now() WHERE parent_id IS NOT NULL",
         "a divided case closed before its parts, or stayed open after them"),
    ],
)  # fmt: skip
def test_each_tampering_with_a_branch_is_found(branched, table, harm, says):
    sessions, files = branched
    with sessions.begin() as session:
        session.execute(text(OFF.format(table)))
        session.connection().exec_driver_sql(harm)
    assert says in told(sessions, files)


def test_a_whole_case_chained_anew_is_found_by_the_anchors_alone(pressed):
    sessions, files = pressed
    with sessions.begin() as session:
        session.execute(text(OFF.format("case_steps")))
        session.connection().exec_driver_sql(RECHAIN)
    assert told(sessions, files) == {"the journal is not what was exported"}


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda path: path.unlink(), "the journal of a day is not on disk"),
        (lambda path: path.write_bytes(b"x"), "the journal of a day was changed on disk"),
    ],
)
def test_an_exported_day_that_is_gone_or_changed_is_found(pressed, harm, says):
    sessions, files = pressed
    newest = sorted((files.parent / "journal").iterdir())[-1]
    harm(newest)
    assert says in told(sessions, files)
