"""``flask score``: the contract's command, exact and refusing what it does not know."""

import json

import pytest

from app import cli
from tests.evaluation.test_scores import BULLETIN, BY_HAND


@pytest.fixture
def score(app, tmp_path):
    cli.install(app)

    def run(object_type, facts):
        file = tmp_path / "facts.json"
        file.write_text(facts if isinstance(facts, str) else json.dumps(facts))
        args = ["score", "--object", object_type, "--facts", str(file)]
        return app.test_cli_runner().invoke(args=args)

    return run


def test_the_worked_example(score):
    told = score("department", BULLETIN)
    lines = told.output.splitlines()
    assert (told.exit_code, lines[-1]) == (0, "composite 92.21 A")
    assert {"inst_num 120", "dispose_intime_rate 0.9", "s_rework 96.36"} <= set(lines)


@pytest.mark.parametrize("object_type", BY_HAND)
def test_every_object_can_be_scored(score, object_type):
    facts, number, grade = BY_HAND[object_type]
    assert score(object_type, facts).output.splitlines()[-1] == f"composite {number} {grade}"


def test_without_facts_there_is_no_score(score):
    lines = score("department", {}).output.splitlines()
    assert lines[-1] == "composite — —"
    assert "archive_rate —" in lines


@pytest.mark.parametrize(
    "facts",
    [{"inst_nums": 1}, {"cell_num": 3}, {"inst_num": -1}, {"inst_num": "1"}, {"inst_num": True},
     {"archive_rate": 1}, "[1]", "{", '{"inst_num": NaN}', {"satisfaction": 80}],
)  # fmt: skip
def test_what_is_not_known_is_refused_with_a_sentence(score, facts):
    told = score("department", facts)
    assert told.exit_code == 1
    assert told.output.startswith("Error: ")
    assert "Traceback" not in told.output


def test_a_class_of_area_that_does_not_exist_is_refused(score):
    assert score("region", {"area_class": 3}).exit_code == 1
    assert score("region", {"area_class": 2, "cell_num": 10, "inst_num": 5}).exit_code == 0
