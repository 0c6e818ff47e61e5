"""Schemes as data: drafts, checks, simulation, publishing, and that a published one stays."""

import json
from copy import deepcopy
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.evaluation import checks
from app.evaluation.schemes import OBJECTS, department_scheme, shipped, standard
from tests.evaluation import past

CODES = count()


@pytest.fixture
def draft(api):
    """Return the code of a scheme of which version 1 is a draft."""
    code = f"try-{next(CODES)}"
    body = {"code": code, "like": "GBT30428.4-department", "name": "试行方案"}
    answer = api("evaluator").post("/api/v1/schemes", body)
    assert answer.status_code == 201, answer.text
    return code


def at(code, tail="", version=1):
    return f"/api/v1/schemes/{code}/versions/{version}{tail}"


def document_of(api, code):
    return api("evaluator").get(at(code)).json["document"]


@pytest.mark.parametrize("document", shipped(), ids=lambda one: one["code"])
def test_every_shipped_scheme_is_sound_and_its_weights_are_whole(document):
    assert checks.faults(document) == []
    from_standard = document["code"].startswith("GBT")
    assert sum(checks.Fraction(p["weight"]) for p in document["parts"]) == (
        1 if from_standard else 100
    )


def test_each_object_has_the_standards_scheme_as_its_default(api):
    listed = api("mayor").get("/api/v1/schemes").json["items"]
    chosen = {one["object"]: one["code"] for one in listed if one["is_default"]}
    assert chosen == {one: standard(one)["code"] for one in OBJECTS}


def broken(change):
    document = deepcopy(department_scheme())
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda d: d.update(code="部门"), "code"),
        (lambda d: d.update(name=" "), "name"),
        (lambda d: d.update(object="planet"), "object"),
        (lambda d: d.update(extra=1), ""),
        (lambda d: d.update(parts=[]), "parts"),
        (lambda d: d.update(cap="much"), "cap"),
        (lambda d: d["parts"][1].update(weight=0.3), "parts.1.weight"),
        (lambda d: d["parts"][1].update(weight="0"), "parts.1.weight"),
        (lambda d: d["parts"][1].update(formula="archive_num /"), "parts.1.formula"),
        (lambda d: d["parts"][1].update(formula="archive_sum / 2"), "parts.1.formula"),
        (lambda d: d["parts"][1].update(formula="().__class__"), "parts.1.formula"),
        (lambda d: d["parts"][1].update(rule="magic"), "parts.1.rule"),
        (lambda d: d["parts"][1].update(rule="threshold"), "parts.1.at"),
        (lambda d: d["parts"][1].update(code="s_inst_dept"), "parts"),
        (lambda d: d["parts"][0].update(scale=["moons"]), "parts.0.scale"),
        (lambda d: d["parts"][0].update(tables={}), "parts.0.tables"),
        (lambda d: d["parts"][0]["tables"][""].pop(2), "parts.0.tables."),
        (lambda d: d["parts"][0]["tables"][""].pop(), "parts.0.tables."),
        (lambda d: d["parts"][0]["tables"][""][0].update(score=101), "parts.0.tables."),
        (lambda d: d["grades"].pop(), "grades"),
        (lambda d: d["grades"][0].update(hex="green"), "grades.0.hex"),
        (lambda d: d.update(deductions=[{"code": "x", "name": "x", "formula": "rework_num",
                                         "each": "-1"}]), "deductions.0.each"),
        (lambda d: d.update(groups=[{"code": "a", "name": "甲", "objects": ["HW"]},
                                    {"code": "b", "name": "乙", "objects": ["HW"]}]), "groups"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(api, change, where):
    answer = api("evaluator").post("/api/v1/schemes/checks", {"document": broken(change)})
    assert where in [one["where"] for one in answer.json["faults"]]
    assert all(one["message"].endswith("。") for one in answer.json["faults"])


@pytest.mark.parametrize("path", [[], ["parts"], ["parts", 0], ["grades"], ["groups"]])
@pytest.mark.parametrize("junk", [None, 1, "x", [], [1], {"a": {}}, [[]], [{}], True])
def test_whatever_stands_in_a_document_is_told_and_never_breaks(path, junk):
    document = department_scheme()
    target = document
    for step in path[:-1]:
        target = target[step]
    if path:
        target[path[-1]] = junk
    else:
        document = junk
    json.dumps(checks.faults(document))


def test_a_draft_is_saved_by_who_saw_it_last(api, draft):
    document = document_of(api, draft)
    document["name"] = "第二稿"
    body = {"document": document, "revision": 0}
    assert api("evaluator").post(at(draft), body).json["revision"] == 1
    late = api("admin").post(at(draft), {"document": document, "revision": 0})
    assert late.status_code == 409
    assert document_of(api, draft)["name"] == "第二稿"


def test_a_faulty_draft_is_not_saved(api, draft):
    document = document_of(api, draft)
    document["parts"][0]["formula"] = "inst_num +"
    answer = api("evaluator").post(at(draft), {"document": document, "revision": 0})
    assert (answer.status_code, list(answer.json["fields"])) == (422, ["parts.0.formula"])
    assert document_of(api, draft)["parts"][0]["formula"] == "inst_num"


def test_a_published_version_is_never_edited(api, draft, sessions):
    told = {"revision": 0}
    assert api("evaluator").post(at(draft, "/publication"), told).json["state"] == "published"
    body = {"document": document_of(api, draft), "revision": 0}
    assert api("evaluator").post(at(draft), body).status_code == 422
    assert api("evaluator").post(at(draft, "/drop"), {}).status_code == 422
    for statement in ("UPDATE schemes SET name = 'x'", "DELETE FROM schemes"):
        with pytest.raises(DBAPIError, match="is published"), sessions.begin() as session:
            session.execute(text(f"{statement} WHERE code = :code"), {"code": draft})
    following = api("evaluator").post("/api/v1/schemes", {"code": draft})
    assert following.json["version"] == 2
    again = api("evaluator").post("/api/v1/schemes", {"code": draft})
    assert (again.status_code, again.json["code"]) == (422, "refused")
    assert api("evaluator").post(at(draft, "/drop", 2), {}).status_code == 201


def test_a_draft_scores_nobody(api, draft):
    answer = api("mayor").get("/api/v1/evaluations/departments", scheme=draft)
    assert answer.status_code == 404
    assert api("evaluator").post(f"/api/v1/schemes/{draft}/default", {}).status_code == 422


def test_simulation_shows_both_scores_and_who_moves(api, draft, sessions):
    period = past.month()
    past.furnish(sessions, period)
    document = document_of(api, draft)
    # Only the number of cases counts now: the fewer the better, so that HW falls or stays.
    document["parts"] = document["parts"][:1]
    document["parts"][0]["tables"][""] = [
        {"low": 0, "high": 4, "score": 50}, {"low": 5, "high": None, "score": 100},
    ]  # fmt: skip
    saved = api("evaluator").post(at(draft), {"document": document, "revision": 0})
    assert saved.status_code == 201, saved.text
    found = api("evaluator").get(at(draft, "/simulation"), period=period).json
    rows = {row["object"]: row for row in found["rows"]}
    assert (rows["HW"]["old"]["rank"], rows["HW"]["new"]["rank"], rows["HW"]["moved"]) == (2, 1, 1)
    assert (rows["YL"]["old"]["score"], rows["YL"]["new"]["score"]) == (100.0, 50.0)
    assert (rows["YL"]["moved"], rows["SZ"]["moved"]) == (-1, None)


def test_a_published_scheme_can_become_the_default(api, draft):
    told = {"revision": 0, "default": True}
    try:
        api("evaluator").post(at(draft, "/publication"), told)
        assert api("mayor").get("/api/v1/evaluations/departments").json["scheme"] == {
            "code": draft, "version": 1, "name": "试行方案",
        }  # fmt: skip
    finally:
        body = api("evaluator").post("/api/v1/schemes/GBT30428.4-department/default", {})
    assert body.status_code == 201


def test_objects_are_compared_within_their_groups(api, draft, sessions):
    period = past.month()
    past.furnish(sessions, period)
    document = document_of(api, draft)
    document["groups"] = [{"code": "a", "name": "甲类", "objects": ["HW", "SZ"]}]
    api("evaluator").post(at(draft), {"document": document, "revision": 0})
    api("evaluator").post(at(draft, "/publication"), {"revision": 1})
    query = {"period": period, "scheme": draft}
    rows = api("mayor").get("/api/v1/evaluations/departments", **query).json["rows"]
    assert {row["object"]: row["rank"] for row in rows} == {"YL": 1, "HW": 1, "SZ": None}
    only = api("mayor").get("/api/v1/evaluations/departments", **query, group="a").json["rows"]
    assert [row["object"] for row in only] == ["HW", "SZ"]


@pytest.mark.parametrize("who", ["mayor", "sanitation", "leader1"])
def test_only_designers_change_schemes(api, draft, who):
    assert api(who).post(at(draft, "/publication"), {"revision": 0}).status_code == 403
