"""Marks from outside: entered, imported with a sentence for each bad row, weighed in a scheme."""

import csv
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter

from app import jobs
from app.kernel import queue
from tests.evaluation import past
from tests.layers import working


def mark(api, who="evaluator", **changed):
    body = {"objects": "departments", "object": "HW", "kind": "satisfaction",
            "day": "1985-05-03", "value": "86", "n": 1}  # fmt: skip
    return api(who).post("/api/v1/outside-marks", body | changed)


def indicators(api, period, name="HW"):
    query = {"period": period, "scheme": "city-points"}
    rows = api("mayor").get("/api/v1/evaluations/departments", **query).json["rows"]
    return next(row for row in rows if row["object"] == name)["indicators"]


@pytest.fixture(scope="module")
def day():
    return lambda: f"{past.month()}-03"


def test_marks_are_averaged_over_those_asked_and_media_are_counted(api, day):
    one = day()
    for told in ({"value": "80", "n": 3}, {"value": "90.5"}, {"kind": "media", "value": "2"},
                 {"kind": "media", "value": "1"}):  # fmt: skip
        answer = mark(api, day=one, **told)
        assert answer.status_code == 201, answer.text
    found = indicators(api, one[:7])
    # (3 × 80 + 90.5) / 4 = 82.625
    assert (found["satisfaction"], found["media"]) == (82.63, 3)


def test_a_mark_that_was_withdrawn_counts_no_more(api, day):
    one = day()
    number = mark(api, day=one).json["id"]
    path = f"/api/v1/outside-marks/{number}/withdrawal"
    assert api("evaluator").post(path, {}).status_code == 201
    assert api("evaluator").post(path, {}).status_code == 404
    listed = api("mayor").get("/api/v1/outside-marks", period=one[:7]).json["items"]
    assert [(item["id"], item["withdrawn"]) for item in listed] == [(number, True)]
    assert "satisfaction" not in {k for k, n in indicators(api, one[:7]).items() if n}


@pytest.mark.parametrize(
    "told",
    [{"object": "nobody"}, {"value": "101"}, {"value": "-1"}, {"value": "NaN"}, {"value": None},
     {"day": "yesterday"}, {"day": "2026-13-01"}, {"n": 0}, {"n": 1.5}, {"kind": "weather"},
     {"objects": "planets"}, {"value": "1.23456"}, {"value": "1e400"},
     {"value": "1e999999999"}, {"n": "1e999999999"}, {"object": {}}, {"day": []}, {"value": [1]}],
)  # fmt: skip
def test_a_mark_that_makes_no_sense_is_refused(api, told):
    answer = mark(api, **told)
    assert answer.status_code in (404, 422)
    assert answer.json["detail"]


@pytest.mark.parametrize("who", ["mayor", "sanitation", "dispatcher"])
def test_only_those_who_may_enter_marks(api, who):
    assert mark(api, who=who).status_code == 403


def sheet(rows):
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for n, row in enumerate(rows):
            page.write_row(n, 0, row)
    return stream.getvalue()


def rows_for(month):
    return [["部门", "日期", "得分", "份数"], ["环卫中心", f"{month}-03", "80", "2"],
            ["YL", f"{month}-04", "91.5", ""], ["环保局", f"{month}-05", "70", "1"],
            ["HW", f"{month}-06", "170", "1"], ["HW", "五月", "70", "1"],
            ["HW", f"{month}-07", "70", "0"]]  # fmt: skip


def table(form, rows):
    if form == "xlsx":
        return sheet(rows)
    return "\n".join(",".join(row) for row in rows).encode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_of_marks_is_imported_and_bad_rows_are_put_aside(api, app, form):
    month = past.month()
    upload = working.send(api("admin"), f"marks.{form}", table(form, rows_for(month)))
    body = {"upload": upload, "objects": "departments", "kind": "questionnaire"}
    answer = api("admin").post("/api/v1/outside-marks/imports", body)
    assert answer.status_code == 202, answer.text
    sessions, settings = app.extensions["sessions"], app.config["SETTINGS"]
    while queue.run_one(sessions, jobs.handlers(sessions, settings)):
        pass
    job = api("admin").get(f"/api/v1/jobs/{answer.json['job']}").json
    assert (job["state"], job["result"]["read"], job["result"]["stored"]) == ("done", 6, 2), job
    file = Path(settings.data) / "imports" / f"{job['result']['import']}-quarantine.csv"
    aside = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["row"] for row in aside] == ["3", "4", "5", "6"]
    assert all(row["reason"].endswith("。") for row in aside)
    listed = api("mayor").get("/api/v1/outside-marks", period=month).json["items"]
    assert {(item["object"], item["value"], item["n"]) for item in listed} == {
        ("HW", 80.0, 2), ("YL", 91.5, 1),
    }  # fmt: skip


def test_a_table_without_the_columns_is_refused_whole(api, app):
    upload = working.send(api("admin"), "marks.csv", b"a,b\n1,2\n")
    body = {"upload": upload, "objects": "departments", "kind": "media"}
    number = api("admin").post("/api/v1/outside-marks/imports", body).json["job"]
    sessions = app.extensions["sessions"]
    while queue.run_one(sessions, jobs.handlers(sessions, app.config["SETTINGS"])):
        pass
    job = api("admin").get(f"/api/v1/jobs/{number}").json
    assert (job["state"], "object" in job["error"]) == ("refused", True), job
