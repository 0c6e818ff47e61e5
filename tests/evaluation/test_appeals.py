"""Appeals from a score: two reviews, and what a granted one exempts from the next version."""

import pytest
from sqlalchemy import text

from tests.evaluation import past
from tests.evaluation.test_freezing import freeze, ranking


@pytest.fixture
def late(sessions):
    period = past.month()
    return period, past.furnish(sessions, period)


def uid_of(sessions, case):
    with sessions() as session:
        return str(
            session.execute(text("SELECT uid FROM cases WHERE id = :id"), {"id": case}).scalar()
        )


def lodge(api, period, who="sanitation", **changed):
    body = {"objects": "departments", "object": "HW", "period": period, "reason": "停电",
            "indicator": "dispose_intime_num"}  # fmt: skip
    return api(who).post("/api/v1/score-appeals", body | changed)


def decide(api, who, number, grant=True):
    path = f"/api/v1/score-appeals/{number}/decision"
    return api(who).post(path, {"grant": grant, "reason": "属实"})


def hw(api, period):
    return next(row for row in ranking(api, period)["rows"] if row["object"] == "HW")


def test_a_granted_appeal_exempts_its_case_in_the_next_version(api, sessions, late):
    period, cases = late
    freeze(api, period)
    assert hw(api, period)["indicators"]["dispose_intime_num"] == 8
    answer = lodge(api, period, case=uid_of(sessions, cases[0]))
    assert answer.status_code == 201, answer.text
    number = answer.json["id"]
    assert decide(api, "evaluator", number).json["state"] == "supported"
    assert decide(api, "mayor", number).json["state"] == "granted"
    assert hw(api, period)["indicators"]["dispose_intime_num"] == 8
    assert freeze(api, period)["version"] == 2
    found = hw(api, period)
    assert (found["indicators"]["dispose_intime_num"], found["score"]) == (9, 94.0)
    path = "/api/v1/evaluations/departments/HW/cases"
    items = api("mayor").get(path, period=period, indicator="dispose_intime_num").json["items"]
    assert len(items) == 9
    assert uid_of(sessions, cases[0]) in [item["uid"] for item in items]


def test_a_granted_appeal_without_a_case_takes_the_figure_out_of_the_score(api, late):
    period, _ = late
    number = lodge(api, period, indicator="rework_num").json["id"]
    decide(api, "evaluator", number)
    decide(api, "mayor", number)
    found = hw(api, period)
    assert found["parts"][3]["score"] is None
    # (100·.1 + 100·.3 + 80·.3) / .7
    assert found["score"] == 91.43


@pytest.mark.parametrize("stage", ["evaluator", "mayor"])
def test_a_refusal_at_either_review_ends_it(api, late, stage):
    number = lodge(api, late[0]).json["id"]
    if stage == "mayor":
        decide(api, "evaluator", number)
    assert decide(api, stage, number, grant=False).json["state"] == "refused"
    assert decide(api, "commander", number).status_code == 422
    assert hw(api, late[0])["score"] == 91.0


def test_the_second_word_is_a_leaders_and_another_persons(api, late):
    number = lodge(api, late[0]).json["id"]
    assert decide(api, "sanitation", number).status_code == 403
    decide(api, "mayor", number)
    assert decide(api, "mayor", number).status_code == 403
    assert decide(api, "evaluator", number).status_code == 403
    assert decide(api, "commander", number).json["state"] == "granted"


def test_a_department_appeals_from_its_own_score_only(api, late):
    assert lodge(api, late[0], who="gardens").status_code == 403
    assert lodge(api, late[0], who="evaluator").status_code == 403


def test_a_case_that_is_not_held_against_it_cannot_be_appealed(api, sessions, late):
    period, cases = late
    with sessions.begin() as session:
        timely = past.case(session, period, "HW")
    answer = lodge(api, period, case=uid_of(sessions, timely))
    assert (answer.status_code, "case" in answer.json["fields"]) == (422, True)
    wrong = lodge(api, period, case=uid_of(sessions, cases[0]), indicator="rework_num")
    assert wrong.status_code == 422
    assert lodge(api, period, case="nothing").status_code == 404


def test_there_is_no_second_appeal_of_the_same(api, late):
    assert lodge(api, late[0]).status_code == 201
    assert lodge(api, late[0]).status_code == 422


def test_departments_see_their_own_appeals_and_evaluators_all(api, late):
    number = lodge(api, late[0]).json["id"]
    decide(api, "evaluator", number)
    listed = api("mayor").get("/api/v1/score-appeals", state="supported").json["items"]
    found = next(one for one in listed if one["id"] == number)
    assert [(r["by"], r["reason"]) for r in found["reviews"]] == [("测试evaluator", "属实")]
    assert number in [
        one["id"] for one in api("sanitation").get("/api/v1/score-appeals").json["items"]
    ]
    assert number not in [
        one["id"] for one in api("gardens").get("/api/v1/score-appeals").json["items"]
    ]
    assert api("mayor").get("/api/v1/score-appeals", state="x").status_code == 422
