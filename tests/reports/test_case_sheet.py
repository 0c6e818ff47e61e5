"""The case sheet: asked for, written by the worker, Chinese fonts inside, nothing from outside."""

import re
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import text

from app import create_app, jobs
from app.kernel import queue
from app.reports import service
from tests.cases.pressing import act, dispatched
from tests.city import Program
from tests.conftest import config_for


@pytest.fixture
def house(fresh_database, tmp_path):
    app = create_app(config_for(fresh_database, tmp_path))
    yield app, (lambda who: Program(app, who))
    app.extensions["engine"].dispose()


def work(app):
    doers = jobs.handlers(app.extensions["sessions"], app.config["SETTINGS"])
    while queue.run_one(app.extensions["sessions"], doers):
        pass


def printed(house, uid, who="leader1"):
    app, api = house
    reader = api(who)
    job = reader.post(f"/api/v1/cases/{uid}/sheets", {}).json["job"]
    assert reader.get(f"/cases/{uid}/sheet.pdf", job=job).status_code == 404
    work(app)
    told = reader.get(f"/api/v1/jobs/{job}").json
    assert told["state"] == "done", told
    return reader.get(f"/cases/{uid}/sheet.pdf", job=job)


def streams(pdf):
    """Return the inflated streams of a PDF, for looking at what is written in it."""
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(raw))
        except zlib.error:
            found.append(raw)
    return found


def test_a_sheet_is_written_in_the_background_with_its_chinese_fonts_inside(house):
    _, api = house
    uid = dispatched(api)
    answer = printed(house, uid)
    assert answer.mimetype == "application/pdf"
    whole = answer.data + b"".join(streams(answer.data))
    assert whole.startswith(b"%PDF-")
    fonts = set(re.findall(rb"/FontName\s*/([A-Za-z+-]+)", whole))
    assert any(re.match(rb"[A-Z]{6}\+.*CJK", font) for font in fonts), fonts
    assert re.search(rb"/FontFile[23]", whole)
    assert len(answer.data) < 1_000_000


def test_a_photo_is_shown_and_a_lost_one_is_done_without(house, tmp_path):
    _, api = house
    stream = BytesIO()
    Image.effect_noise((640, 480), 90).convert("RGB").save(stream, "JPEG")
    uid = dispatched(api)
    act(api, "sanitation", uid, "sign")
    bare = len(printed(house, uid).data)
    photos = []
    who = api("sanitation")
    for _ in range(2):
        stream.seek(0)
        sent = who.client.post("/api/v1/photos", headers=who.headers,
                               data={"file": (BytesIO(stream.read()), "a.jpg")})  # fmt: skip
        photos.append(sent.json["id"])
    act(api, "sanitation", uid, "report_done", result="已清理", photos=photos)
    assert len(printed(house, uid).data) > bare + 20_000
    for path in Path(tmp_path / "files").rglob("*.jpg"):
        path.unlink()
    assert len(printed(house, uid).data) < bare + 20_000


def test_a_sheet_is_only_for_who_may_see_the_case_and_asked_for_it(house):
    _, api = house
    uid = dispatched(api)
    assert printed(house, uid).status_code == 200
    assert api("leader1").get(f"/cases/{uid}/sheet.pdf").status_code == 200
    assert api("dispatcher").get(f"/cases/{uid}/sheet.pdf").status_code == 404
    assert api("gardens").post(f"/api/v1/cases/{uid}/sheets", {}).status_code == 404


def test_the_printer_reads_no_file_outside_the_folder_of_photos(tmp_path):
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>hidden</text></svg>')
    inside = tmp_path / "files"
    inside.mkdir()
    plain = service.draw("<p>x</p>", inside)
    tempted = service.draw(f'<p>x</p><img src="{secret.as_uri()}">', inside)
    assert abs(len(tempted) - len(plain)) < 200


def test_a_description_of_markup_is_printed_as_text(house):
    app, api = house
    uid = dispatched(api)
    with app.extensions["sessions"].begin() as session:
        session.execute(text("UPDATE cases SET description = '<script>x</script><b>'"))
        from app.kernel.auth import Actor  # noqa: PLC0415 - only here

        page, _ = service._page(session, uid, Actor(1, ""), Path())
    assert "&lt;script&gt;" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("due_before", "at", "in_time"),
    [
        (None, "2026-11-23T09:00:00+08:00", None),
        ("2026-11-23T09:00:00+08:00", "2026-11-23T09:00:00+08:00", True),
        ("2026-11-23T09:00:00+08:00", "2026-11-23T09:00:01+08:00", False),
    ],
)
def test_the_lamp_of_a_step_is_that_of_the_clock_it_stopped(due_before, at, in_time):
    before = {"at": "2026-11-22T09:00:00+08:00", "due_at": due_before}
    assert service.with_lamps([before, {"at": at, "due_at": None}])[1]["lamp"] is in_time
