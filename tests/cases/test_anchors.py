"""The journal's export: every step once, the same bytes again, days chained."""

import gzip
import json
from datetime import timedelta

import pytest

from app import create_app
from app.cases import anchors
from app.kernel import clock
from tests.cases.pressing import dispatched, reported, rows
from tests.city import Program
from tests.conftest import config_for


@pytest.fixture
def house(fresh_database, tmp_path):
    app = create_app(config_for(fresh_database, tmp_path))
    yield app.extensions["sessions"], (lambda who: Program(app, who)), tmp_path
    app.extensions["engine"].dispose()


def export(house, day):
    sessions, _, data = house
    with sessions.begin() as session:
        return anchors.export(session, data, day)


def lines(house, day):
    return [json.loads(line) for line in gzip.open(anchors.place(house[2], day))]


def today():
    return clock.local(clock.now()).date()


def test_a_day_holds_every_step_with_its_hash_and_its_answers(house):
    sessions, api, _ = house
    dispatched(api)
    export(house, today())
    told = lines(house, today())
    kept = rows(sessions, "SELECT id, encode(hash, 'hex'), answers FROM case_steps ORDER BY id")
    assert [(one["id"], one["hash"], one["answers"]) for one in told] == [tuple(r) for r in kept]


def test_asking_again_changes_nothing_and_a_lost_file_comes_back_byte_for_byte(house):
    _, api, data = house
    reported(api)
    first = export(house, today())
    path = anchors.place(data, today())
    whole = path.read_bytes()
    assert whole[4:8] == bytes(4), "the time of writing would make other bytes each time"
    path.unlink()
    reported(api)
    again = export(house, today())
    assert path.read_bytes() == whole
    assert again["sha256"] == first["sha256"]


def test_days_are_chained_and_a_missed_day_lies_in_the_next_file(house):
    sessions, api, _ = house
    export(house, today() - timedelta(days=3))
    reported(api)
    export(house, today())
    found = rows(sessions, "SELECT day, steps, former, anchor FROM journal_anchors ORDER BY day")
    assert [row.steps for row in found] == [0, 1]
    assert found[1].former == found[0].anchor
    assert found[1].anchor != found[0].anchor
    assert export(house, today() - timedelta(days=1))["missed"]


def test_no_step_lies_in_two_files(house):
    _, api, _ = house
    reported(api)
    export(house, today())
    reported(api)
    later = today() + timedelta(days=1)
    assert export(house, later)["steps"] == 1
    ids = [one["id"] for day in (today(), later) for one in lines(house, day)]
    assert len(ids) == len(set(ids)) == 2


def test_a_rolled_back_export_leaves_no_anchor_and_the_next_one_begins_afresh(house):
    sessions, api, data = house
    reported(api)
    with sessions() as session:
        anchors.export(session, data, today())
        session.rollback()
    assert rows(sessions, "SELECT count(*) FROM journal_anchors")[0][0] == 0
    assert export(house, today())["steps"] == 1


def test_an_anchor_hangs_on_each_thing_it_says():
    said = ("2026-11-23", 3, "ab", "cd", "ef")
    others = [("2026-11-24", 3, "ab", "cd", "ef"), ("2026-11-23", 4, "ab", "cd", "ef"),
              ("2026-11-23", 3, "ax", "cd", "ef"), ("2026-11-23", 3, "ab", "cx", "ef"),
              ("2026-11-23", 3, "ab", "cd", "")]  # fmt: skip
    assert len({anchors.anchor_of(*one) for one in (said, *others)}) == 6
