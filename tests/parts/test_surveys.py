"""A survey of parts from its beginning to its acceptance, and what it refuses."""

from dataclasses import replace
from random import Random

import pytest

from app import create_app
from app.parts.campaigns import service
from app.parts.campaigns.rules import Check, accepted, sample_size
from tests import city
from tests.conftest import config_for

CELL, NEXT = "37990100100101", "37990100100102"
PART = "3799010103000001"


@pytest.fixture
def house(fresh_database, tmp_path):
    app = create_app(config_for(fresh_database, tmp_path))
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def who(house):
    return lambda name: city.Program(house, name)


@pytest.fixture
def survey(who):
    body = {"name": "井盖普查", "area": "379901001001", "kinds": ["0103"], "due_on": "2027-01-31"}
    reply = who("admin").post("/api/v1/surveys", body)
    assert reply.status_code == 201, reply.text
    return f"/api/v1/surveys/{reply.json['id']}"


def found(program, survey, cell, **body):
    return program.post(f"{survey}/cells/{cell}/findings", body)


def part_of(program, survey):
    return program.get(f"{survey}/cells/{CELL}").json["parts"][0]


def finish_all(program, survey):
    for row in program.get(f"{survey}/cells", limit=500).json["items"]:
        assert program.post(f"{survey}/cells/{row['cell']}/done", {}).status_code == 201


def test_a_survey_enters_the_cells_of_its_area_with_the_parts_they_should_have(who, survey):
    seen = who("admin").get(survey).json
    assert (seen["cells"], seen["waiting"], seen["expected"]) == (12, 12, 1)
    assert part_of(who("inspector"), survey)["code"] == PART


def test_a_cell_is_finished_only_when_every_part_was_looked_at(who, survey):
    inspector = who("inspector")
    early = inspector.post(f"{survey}/cells/{CELL}/done", {})
    assert early.status_code == 422
    assert "3799010103000001" in early.json["detail"]
    part = part_of(inspector, survey)
    told = found(inspector, survey, CELL, part=PART, verdict="damaged", seen=part["seen"])
    assert (told.status_code, told.json["state"]) == (201, "damaged")
    assert inspector.post(f"{survey}/cells/{CELL}/done", {}).json["state"] == "done"
    assert found(inspector, survey, CELL, part=PART, verdict="intact", seen=2).status_code == 422


def test_what_a_survey_finds_stands_in_the_history_of_the_part(who, survey):
    inspector = who("inspector")
    found(inspector, survey, CELL, part=PART, verdict="lost", seen=1, note="盖板被盗")
    steps = who("admin").get(f"/api/v1/parts/{PART}").json["steps"]
    assert steps[0]["reason"] == "盖板被盗"
    assert "state" in steps[0]["changes"]


def test_a_stale_look_at_a_part_is_told_and_changes_nothing(who, survey):
    inspector = who("inspector")
    found(inspector, survey, CELL, part=PART, verdict="damaged", seen=1)
    stale = found(inspector, survey, CELL, part=PART, verdict="lost", seen=1)
    assert (stale.status_code, stale.json["current"]["state"]) == (409, "damaged")


def test_a_missing_part_is_added_where_it_stands(who, survey):
    inspector = who("inspector")
    here = {"type": "Point", "coordinates": [118.2003, 36.6003]}
    made = found(inspector, survey, CELL, kind="0103", geometry=here)
    assert (made.status_code, made.json["cell"]) == (201, CELL)
    assert who("admin").get(survey).json["added"] == 1
    elsewhere = found(inspector, survey, NEXT, kind="0103", geometry=here)
    assert elsewhere.status_code == 422
    other = found(inspector, survey, CELL, kind="0402", geometry=here)
    assert (other.status_code, "kind" in other.json["fields"]) == (422, True)


def test_an_inspector_of_another_area_and_a_reader_may_not_survey(who, survey):
    assert (
        found(who("inspector_yun"), survey, CELL, part=PART, verdict="intact", seen=1).status_code
        == 403
    )
    assert found(who("agent"), survey, CELL, part=PART, verdict="intact", seen=1).status_code == 403


def test_only_surveyors_write_parts_and_only_through_the_survey(who, survey):
    body = {"changes": {"state": "lost"}, "reason": "x", "seen": 1}
    assert who("inspector").post(f"/api/v1/parts/{PART}/steps", body).status_code == 403


def test_a_survey_is_accepted_by_its_sample(who, survey):
    inspector, evaluator = who("inspector"), who("evaluator")
    assert evaluator.post(f"{survey}/samples", {}).status_code == 422
    found(inspector, survey, CELL, part=PART, verdict="intact", seen=1)
    finish_all(inspector, survey)
    [drawn] = evaluator.post(f"{survey}/samples", {}).json["cells"]
    assert evaluator.post(f"{survey}/samples", {}).json["cells"] == [drawn]
    looked = evaluator.post(f"{survey}/samples/{drawn}", {"missed": 0, "surplus": 0, "wrong": 0})
    assert (looked.status_code, looked.json["passes"]) == (201, True)
    closed = who("admin").post(f"{survey}/close", {}).json
    assert (closed["state"], closed["accepted"]) == ("closed", True)
    assert found(inspector, survey, CELL, part=PART, verdict="lost", seen=1).status_code == 422


def test_a_cell_that_fails_is_surveyed_again(who, survey):
    inspector, evaluator = who("inspector"), who("evaluator")
    found(inspector, survey, CELL, part=PART, verdict="intact", seen=1)
    finish_all(inspector, survey)
    [drawn] = evaluator.post(f"{survey}/samples", {}).json["cells"]
    looked = evaluator.post(f"{survey}/samples/{drawn}", {"missed": 1, "surplus": 0, "wrong": 0})
    assert looked.json["passes"] is False
    assert who("admin").get(survey).json["failed"] == 1
    for part in inspector.get(f"{survey}/cells/{drawn}").json["parts"]:
        found(inspector, survey, drawn, part=part["code"], verdict="intact", seen=part["seen"])
    assert inspector.post(f"{survey}/cells/{drawn}/done", {}).status_code == 201
    assert who("admin").post(f"{survey}/close", {}).json["accepted"] is False


def test_nobody_checks_a_cell_they_surveyed(house, who, survey):
    finish_all_but = who("inspector")
    finish_all_but.post(f"{survey}/cells/{NEXT}/done", {})
    number = int(survey.rsplit("/", 1)[1])
    sessions = house.extensions["sessions"]
    with sessions.begin() as session:
        people = city.actors(session)
        drawn = service.draw(session, number, actor=people["evaluator"], chance=Random(1))
        assert drawn == [NEXT]
    same = replace(people["inspector"], permissions=people["evaluator"].permissions)
    with sessions() as session, pytest.raises(Exception, match="Somebody else"):
        service.check(session, number, NEXT, missed=0, surplus=0, wrong=0, actor=same)


BAD = [
    ({"name": ""}, "name"),
    ({"area": "99"}, "area"),
    ({"due_on": "soon"}, "due_on"),
    ({"kinds": "0103"}, "kinds"),
    ({"kinds": ["9999"]}, None),
    ({"kinds": [1]}, "kind"),
]


@pytest.mark.parametrize(("changed", "field"), BAD)
def test_a_survey_that_cannot_be_is_refused(who, changed, field):
    body = {"name": "x", "area": "379901", "kinds": [], "due_on": "2027-01-31"} | changed
    reply = who("admin").post("/api/v1/surveys", body)
    assert reply.status_code in (400, 404, 422), reply.text
    assert field is None or field in reply.json["fields"]


def test_a_second_survey_of_the_same_name_is_refused(who, survey):
    body = {"name": "井盖普查", "area": "379901", "due_on": "2027-01-31"}
    assert who("admin").post("/api/v1/surveys", body).json["fields"].keys() == {"name"}


def test_a_sample_is_a_twentieth_and_never_none():
    for cells in range(1, 400):
        assert sample_size(cells) >= cells * 0.05 > sample_size(cells) - 1


def test_acceptance_agrees_with_counting_by_hand():
    chance = Random(7)
    for _ in range(2_000):
        parts, missed = chance.randint(0, 200), chance.randint(0, 12)
        surplus, wrong = (chance.randint(0, min(parts, 12)) for _ in "ab")
        there = parts - surplus + missed
        good = (missed + surplus) * 100 <= 3 * max(there, 1) and wrong * 100 <= 5 * max(parts, 1)
        assert Check(parts, missed, surplus, wrong).passes is good


def test_nothing_is_accepted_while_a_drawn_cell_was_not_looked_at():
    good = Check(100, 0, 0, 0)
    assert accepted({"a": good}, 20)
    assert not accepted({"a": good, "b": None}, 20)
    assert not accepted({"a": good}, 21)
    assert not accepted({}, 0)
