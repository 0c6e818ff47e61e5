"""Reconcile: silent on an honest house, loud after each kind of tampering."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

from app import create_app
from app.cases import reconcile
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


def told(sessions, files):
    with sessions() as session:
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
