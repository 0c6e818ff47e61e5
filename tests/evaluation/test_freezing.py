"""Freezing: two people, the same bytes, never edited, and loud when somebody did."""

import json

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from app import cli
from app.evaluation import freezing, scoring
from tests.evaluation import past


@pytest.fixture
def month(sessions):
    period = past.month()
    past.furnish(sessions, period)
    return period


def sign(api, who, period, **body):
    path = f"/api/v1/evaluations/departments/periods/{period}/signatures"
    return api(who).post(path, body)


def freeze(api, period):
    assert sign(api, "evaluator", period).json["state"] == "proposed"
    answer = sign(api, "mayor", period)
    assert (answer.status_code, answer.json["state"]) == (201, "frozen"), answer.text
    return answer.json


def ranking(api, period):
    return api("mayor").get("/api/v1/evaluations/departments", period=period).json


def test_two_people_freeze_a_period(api, month):
    assert ranking(api, month)["frozen"] is None
    frozen = freeze(api, month)
    shown = ranking(api, month)["frozen"]
    assert (shown["version"], shown["digest"]) == (1, frozen["digest"])
    assert shown["signed_by"] == ["测试evaluator", "测试mayor"]
    path = f"/api/v1/evaluations/departments/periods/{month}/versions"
    kept = api("mayor").get(path).json
    assert [one["version"] for one in kept["items"]] == [1]
    assert kept["proposal"] is None


def test_the_same_person_cannot_sign_twice(api, month):
    for _ in range(2):
        assert sign(api, "evaluator", month).json["state"] == "proposed"
    assert ranking(api, month)["frozen"] is None


def test_the_database_itself_wants_two_people(sessions, api, month):
    freeze(api, month)
    again = (
        "INSERT INTO frozen_periods (board, period, begins, ends, version, scheme, scheme_version,"
        " inputs, result, digest, proposed_by, proposed_at, signed_by, signed_at)"
        " SELECT board, period, begins, ends, 9, scheme, scheme_version, inputs, result, digest,"
        " proposed_by, proposed_at, proposed_by, signed_at FROM frozen_periods LIMIT 1"
    )
    with pytest.raises(DBAPIError, match="two_people"), sessions.begin() as session:
        session.execute(text(again))


@pytest.mark.parametrize("who", ["leader1", "sanitation", "admin"])
def test_only_those_who_may_sign(api, month, who):
    assert sign(api, who, month).status_code == 403


def test_what_moved_between_the_signatures_is_seen_again(api, sessions, month):
    sign(api, "evaluator", month)
    with sessions.begin() as session:
        past.case(session, month, "SZ")
    answer = sign(api, "mayor", month)
    assert answer.status_code == 409
    assert "测试evaluator" in answer.json["detail"]
    assert sign(api, "mayor", month, anew=True).json["state"] == "proposed"
    assert sign(api, "evaluator", month).json["state"] == "frozen"


def test_a_period_that_is_not_over_cannot_be_signed(api):
    answer = sign(api, "evaluator", "2090-01")
    assert answer.status_code == 422
    assert "2090-02-01" in answer.json["detail"]


def test_a_later_correction_opens_a_new_version_and_edits_none(api, sessions, month):
    first = freeze(api, month)
    before = ranking(api, month)["rows"]
    assert sign(api, "evaluator", month).status_code == 422
    with sessions.begin() as session:
        past.case(session, month, "HW", late=True)
    assert ranking(api, month)["rows"] == before
    second = freeze(api, month)
    assert (second["version"], second["digest"] != first["digest"]) == (2, True)
    assert ranking(api, month)["rows"] != before


@pytest.mark.parametrize(
    "statement",
    ["UPDATE frozen_periods SET result = '{}'", "DELETE FROM frozen_periods",
     "TRUNCATE frozen_periods"],
)  # fmt: skip
def test_a_frozen_period_is_never_edited(api, sessions, month, statement):
    freeze(api, month)
    with pytest.raises(DBAPIError), sessions.begin() as session:
        session.execute(text(statement))


def test_a_frozen_period_is_computed_again_byte_for_byte(api, app, sessions, month):
    freeze(api, month)
    cli.install(app)
    run = app.test_cli_runner()
    told = run.invoke(args=["replay-period", month])
    assert told.exit_code == 0, told.output
    assert "the same, byte by byte" in told.output
    assert "differs for 0" in told.output
    with sessions.begin() as session:
        past.case(session, month, "YL")
    told = run.invoke(args=["replay-period", month])
    assert (told.exit_code, "differs for 1: YL" in told.output) == (0, True), told.output


def test_replaying_what_is_not_frozen_says_so(app):
    cli.install(app)
    told = app.test_cli_runner().invoke(args=["replay-period", "1989-01"])
    assert told.exit_code == 1
    assert "not frozen" in told.output


@pytest.mark.parametrize("column", ["inputs", "result", "digest"])
def test_reconcile_and_replay_are_loud_after_tampering(api, app, sessions, month, column):
    freeze(api, month)
    with sessions() as session:
        assert not [d for d in freezing.differences(session) if d["period"] == month]
        session.execute(text("ALTER TABLE frozen_periods DISABLE TRIGGER USER"))
        session.execute(
            text(
                f"UPDATE frozen_periods SET {column} = regexp_replace({column}, '[0-9]', '7')"
                " WHERE period = :period"
            ),
            {"period": month},
        )
        assert [d for d in freezing.differences(session) if d["period"] == month]
        session.rollback()


def test_the_order_in_which_facts_are_told_changes_no_byte(sessions, api, month):
    freeze(api, month)
    with sessions() as session:
        kept = session.execute(
            text("SELECT inputs, result FROM frozen_periods WHERE period = :p"), {"p": month}
        ).one()
    given = json.loads(kept.inputs)
    given["facts"] = dict(reversed(list(given["facts"].items())))
    assert scoring.canonical(scoring.compute(given)) == kept.result


def test_a_frozen_period_needs_nothing_but_itself(api, sessions, month, fresh_database):
    """What was signed is computed again in a house that knows none of its cases."""
    freeze(api, month)
    with sessions() as session:
        inputs = session.execute(
            text("SELECT inputs FROM frozen_periods WHERE period = :p"), {"p": month}
        ).scalar_one()
    engine = create_engine(fresh_database)
    with sessionmaker(engine)() as session:
        assert not list(freezing.differences(session))
    engine.dispose()
    assert "float" not in {type(n).__name__ for row in json.loads(inputs)["facts"].values()
                           for n in row.values()}  # fmt: skip
