"""Files of a ranking: written by the worker, true to the page, safe to open, without a network."""

import re
from io import BytesIO

import openpyxl
import pytest
from PIL import Image
from sqlalchemy import text

from app import create_app, jobs
from app.evaluation import marks
from app.kernel import clock, queue
from app.live import service as live
from app.reports import bulletins, drawings, workbook
from tests.cases.pressing import dispatched
from tests.city import Program
from tests.conftest import config_for


@pytest.fixture
def house(fresh_database, tmp_path):
    app = create_app(config_for(fresh_database, tmp_path))
    api = lambda who: Program(app, who)  # noqa: E731 - as the other tests of reports have it
    dispatched(api)
    live.publish_all(app.extensions["sessions"])
    marks.count_whole(app.extensions["sessions"])
    yield app, api
    app.extensions["engine"].dispose()


def work(app):
    doers = jobs.handlers(app.extensions["sessions"], app.config["SETTINGS"])
    while queue.run_one(app.extensions["sessions"], doers):
        pass


def month():
    return f"{clock.local(clock.now()):%Y-%m}"


def taken(house, form, objects="departments", **more):
    app, api = house
    reader = api("mayor")
    body = {"objects": objects, "period": month(), "format": form, **more}
    job = reader.post("/api/v1/evaluation-exports", body).json["job"]
    assert reader.get(f"/api/v1/evaluation-exports/{job}").status_code == 404
    work(app)
    told = reader.get(f"/api/v1/jobs/{job}").json
    assert told["state"] == "done", told
    return reader.get(f"/api/v1/evaluation-exports/{job}")


def test_a_workbook_has_the_scores_as_formulas_over_its_own_counts(house):
    with house[0].extensions["sessions"].begin() as session:
        session.execute(text("UPDATE departments SET name = '=1+1' WHERE code = 'HW'"))
    book = openpyxl.load_workbook(BytesIO(taken(house, "xlsx").data))
    scores, counts = book.worksheets
    formulas = [cell.value for row in scores.iter_rows() for cell in row if cell.data_type == "f"]
    assert any(re.match(r"=ROUND\(", formula) for formula in formulas)
    assert any(re.match(r"=COUNTIFS\(", formula) for formula in formulas)
    risky = [cell for row in counts.iter_rows() for cell in row if cell.value == "=1+1"]
    assert [cell.data_type for cell in risky] == ["s"]
    assert risky[0].quotePrefix


def test_a_report_is_a_pdf_with_its_fonts_and_a_picture_is_a_png(house):
    made = taken(house, "pdf")
    assert made.mimetype == "application/pdf"
    assert made.data.startswith(b"%PDF-")
    picture = Image.open(BytesIO(taken(house, "png", "regions", level="cell").data))
    assert picture.format == "PNG"
    assert picture.width > 1_000
    assert len(picture.convert("RGB").getcolors(1 << 24)) > 10


def test_a_map_file_names_no_other_host(house):
    page = taken(house, "map", "regions", level="cell").get_data(as_text=True)
    assert "L.map(" in page
    assert not re.findall(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?https?:""", page)
    assert not re.findall(r"""url\(["']?(?!data:|#)""", page)


def test_departments_have_no_map_file_and_no_format_is_guessed(house):
    reader = house[1]("mayor")
    for form in ("map", "doc"):
        body = {"objects": "departments", "period": "2026-11", "format": form}
        assert reader.post("/api/v1/evaluation-exports", body).status_code == 422


def test_a_file_is_for_who_asked_for_it(house):
    _, api = house
    body = {"objects": "departments", "period": month(), "format": "xlsx"}
    job = api("mayor").post("/api/v1/evaluation-exports", body).json["job"]
    work(house[0])
    assert api("evaluator").get(f"/api/v1/evaluation-exports/{job}").status_code == 404


def test_a_bulletin_is_written_once_and_leaders_are_told_once(house):
    app, api = house
    sessions, reader = app.extensions["sessions"], api("mayor")
    for _ in range(2):
        with sessions.begin() as session:
            bulletins.ask(session, at=clock.now())
        work(app)
    items = reader.get("/api/v1/bulletins").json["items"]
    assert [one["month"] for one in items] == [bulletins.month_before(clock.now())]
    made = reader.get(f"/api/v1/bulletins/{items[0]['month']}")
    assert made.data.startswith(b"%PDF-")
    assert reader.get("/api/v1/bulletins/1999-01").status_code == 404
    with sessions() as session:
        told = "SELECT count(*) FROM notices WHERE kind = 'bulletin'"
        leaders = "SELECT count(*) FROM people WHERE post = 'leader' AND active"
        count = session.execute(text(told)).scalar()
        assert count == session.execute(text(leaders)).scalar() > 0


def test_a_formula_that_no_sheet_can_hold_stays_a_number():
    assert workbook.in_cells("min(a, b)", {"a": 2, "b": 3}, 1, "N") == ""
    assert workbook.in_cells("a / unknown", {"a": 2}, 1, "N") == ""


def test_names_in_a_drawing_are_text():
    row = {"name": "<b>&", "score": 50.0}
    assert "&lt;b&gt;&amp;" in drawings.bars([row])
