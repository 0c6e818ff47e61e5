"""Areas drawn by hand: what is no sound polygon is refused with a reason, repaired only on show."""

import json

import pytest
from sqlalchemy import text

from app import jobs
from app.kernel import queue
from tests import city
from tests.places.test_edits import ask, get, house, in_use  # noqa: F401

COMMUNITY = "379901001001"
WEST, SOUTH, STEP = city.WEST, city.SOUTH, city.STEP


@pytest.fixture
def admin(house):  # noqa: F811
    return city.Program(house, "admin")


def ring(*places):
    return {"type": "Polygon", "coordinates": [list(places)]}


SOUND = ring([118.2, 36.6], [118.203, 36.6], [118.203, 36.604], [118.2, 36.604], [118.2, 36.6])
BOWTIE = ring([118.2, 36.6], [118.21, 36.61], [118.21, 36.6], [118.2, 36.61], [118.2, 36.6])
SPIKE = ring([118.2, 36.6], [118.21, 36.6], [118.2, 36.6], [118.2, 36.6])


def test_a_sound_area_is_stored_for_its_division(house, admin):  # noqa: F811
    answer = admin.post("/api/v1/areas", {"code": COMMUNITY, "geometry": SOUND})
    assert answer.status_code == 201, answer.text
    assert answer.json["area_m2"] == pytest.approx(119_000, rel=0.02)
    stored = ask(house, "SELECT level, within FROM areas WHERE code = :code", code=COMMUNITY)
    assert stored == [("community", "379901001")]


def test_a_crossing_area_is_shown_repaired_and_nothing_is_stored(house, admin):  # noqa: F811
    seen = admin.post("/api/v1/areas/previews", {"geometry": BOWTIE}).json
    assert (seen["valid"], seen["repaired"]["geometry"]["type"]) == (False, "MultiPolygon")
    assert seen["reason"].startswith("Self-intersection")
    refused = admin.post("/api/v1/areas", {"code": COMMUNITY, "geometry": BOWTIE})
    assert refused.status_code == 422
    assert "修复" in refused.json["detail"]
    assert ask(house, "SELECT count(*) FROM areas WHERE code = :code", code=COMMUNITY) == [(0,)]
    taken = {"code": COMMUNITY, "geometry": seen["repaired"]["geometry"]}
    assert admin.post("/api/v1/areas", taken).status_code == 201


def test_what_has_no_area_cannot_be_repaired(admin):
    seen = admin.post("/api/v1/areas/previews", {"geometry": SPIKE}).json
    assert (seen["valid"], seen["repaired"]) == (False, None)


@pytest.mark.parametrize(
    ("geometry", "system"),
    [
        (ring([118.2, 36.6], [118.21, 36.6], [118.21, 36.61]), ""),
        (ring(), ""),
        ({"type": "Polygon", "coordinates": []}, ""),
        (ring([118.2, 36.6], [1e308, 36.6], [118.2, 36.7], [118.2, 36.6]), ""),
        (ring([36.6, 118.2], [36.7, 118.2], [36.7, 118.3], [36.6, 118.2]), ""),
        (ring([5e5, 4e6], [6e5, 4e6], [6e5, 5e6], [5e5, 4e6]), ""),
        (ring([1, 1], [9, 1], [9, 9], [1, 1]), ""),
        (SOUND | {"crs": {"type": "name"}}, ""),
        ({"type": "Point", "coordinates": [118.2, 36.6]}, ""),
        (SOUND, "utm"),
        ("POLYGON", ""),
        (ring(*[[118.2 + n * 1e-7, 36.6] for n in range(20_001)], [118.2, 36.6]), ""),
        (ring([True, 36.6], [118.21, 36.6], [118.21, 36.61], [True, 36.6]), ""),
        (ring([118.2, 36.6, 1, 1], [118.2, 36.6], [118.3, 36.6], [118.2, 36.6]), ""),
    ],
)
def test_what_is_no_polygon_in_degrees_is_refused_with_a_reason(admin, geometry, system):
    for path in ("/api/v1/areas/previews", "/api/v1/areas"):
        body = {"code": COMMUNITY, "geometry": geometry, "coord_sys": system}
        answer = admin.post(path, body)
        assert answer.status_code == 422, answer.text
        assert len(answer.json["detail"]) > 5


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_is_refused(admin, number):
    raw = json.dumps({"geometry": SOUND}).replace("118.203", number, 1)
    answer = admin.client.post(
        "/api/v1/areas/previews", data=raw, headers=admin.headers, content_type="application/json"
    )
    assert answer.status_code == 400


def test_a_million_vertices_are_refused_before_they_are_read(admin):
    raw = b'{"geometry": {"type": "Polygon", "coordinates": [[' + b"[118.2, 36.6]," * 1_000_000
    answer = admin.client.post(
        "/api/v1/areas/previews",
        data=raw + b"[118.2, 36.6]]]}}",
        headers=admin.headers,
        content_type="application/json",
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(("code", "status"), [("37", 422), ("379999", 404), ("", 422)])
def test_only_a_known_division_has_an_area(admin, code, status):
    assert admin.post("/api/v1/areas", {"code": code, "geometry": SOUND}).status_code == status


def work(house):  # noqa: F811
    """Let the worker do all that waits; return the newest job."""
    sessions = house.extensions["sessions"]
    while queue.run_one(sessions, jobs.handlers(sessions, house.config["SETTINGS"])):
        pass


def job_of(house, program, path, body):  # noqa: F811
    answer = program.post(path, body)
    assert answer.status_code == 202, answer.text
    work(house)
    return program.get(f"/api/v1/jobs/{answer.json['job']}").json


def test_cells_are_made_in_the_background_and_checked(house, admin):  # noqa: F811
    admin.post("/api/v1/areas", {"code": COMMUNITY, "geometry": SOUND})
    before = in_use(house)
    body = {"within": COMMUNITY, "target_area": 20_000, "balanced": True}
    done = job_of(house, admin, "/api/v1/cells/makings", body)
    assert (done["state"], done["result"]["faults"]) == ("done", 0), done
    fresh = in_use(house) - before
    assert len(fresh) == done["result"]["made"]
    earlier = get(admin, f"/api/v1/cells/{min(fresh)}")["earlier"]
    assert set(earlier) <= before
    assert earlier
    strays = get(admin, "/api/v1/beats?shift=1&within=379901")["stray"]
    assert strays == []


def test_a_division_that_cannot_be_made_ends_its_job_with_the_reason(house, admin):  # noqa: F811
    before = in_use(house)
    done = job_of(house, admin, "/api/v1/cells/makings", {"within": "379902"})
    assert (done["state"], in_use(house)) == ("refused", before)
    assert "379902" in done["error"]


def test_a_gap_is_reported_with_the_place_to_look_at(house, admin):  # noqa: F811
    admin.post("/api/v1/areas", {"code": COMMUNITY, "geometry": SOUND})
    ask(house, "UPDATE cells SET ended_on = current_date WHERE code = '37990100100106' RETURNING 1")
    report = job_of(house, admin, "/api/v1/cells/checks", {"within": COMMUNITY})["result"]
    (gap,) = [item for item in report["items"] if item["kind"] == "gap"]
    assert report["faults"] >= 1
    assert WEST + STEP < gap["at"][0] < WEST + 2 * STEP
    assert SOUTH + STEP < gap["at"][1] < SOUTH + 2 * STEP
    assert COMMUNITY in gap["message"]


def test_beats_are_balanced_for_a_second_shift_and_every_cell_is_in_one(house, admin):  # noqa: F811
    night = admin.post("/api/v1/shifts", {"name": "夜班", "begins": "20:00", "ends": "08:00"}).json
    body = {"within": "379901", "shift": night["id"], "count": 3, "by": "area"}
    done = job_of(house, admin, "/api/v1/beats/balances", body)
    assert done["state"] == "done", done
    found = get(admin, f"/api/v1/beats?shift={night['id']}&within=379901")
    assert [beat["cells"] for beat in found["items"]] == [8, 8, 8]
    assert found["stray"] == []
    assert get(admin, "/api/v1/beats?shift=1&within=379901")["items"][0]["cells"] == 24
    whole = ask(
        house,
        "SELECT ST_Area(ST_SymDifference(b.g, c.g)) * 1e10 FROM (SELECT ST_Union(geom) AS g"
        " FROM beats WHERE shift_id = :shift) b, (SELECT ST_Union(geom) AS g FROM cells"
        " WHERE code LIKE '379901%') c",
        shift=night["id"],
    )
    assert whole[0][0] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("within", "count", "state"), [("3799", 3, 422), ("379901", 0, 422), ("379901", 25, 202)]
)
def test_beats_that_cannot_be_are_refused(house, admin, within, count, state):  # noqa: F811
    body = {"within": within, "shift": 1, "count": count, "by": "parts"}
    answer = admin.post("/api/v1/beats/balances", body)
    assert answer.status_code == state
    work(house)
    assert [b["cells"] for b in get(admin, "/api/v1/beats?shift=1")["items"]] == [24, 24]


def test_beats_are_balanced_by_parts_and_by_cases(house, admin):  # noqa: F811
    for by in ("parts", "cases"):
        body = {"within": "379901", "shift": 1, "count": 2, "by": by}
        done = job_of(house, admin, "/api/v1/beats/balances", body)
        assert done["state"] == "done", done
        named = [b["name"] for b in get(admin, "/api/v1/beats?shift=1")["items"]]
        assert named == ["379901-001", "379901-002", "责任网格379902"]


def test_cells_put_into_a_beat_leave_the_other_and_are_told_so(house, admin):  # noqa: F811
    body = {"shift": 1, "name": "湖滨一格", "cells": ["37990100100101", "37990100100102"]}
    assert admin.post("/api/v1/beats", body).status_code == 201
    place = get(admin, "/api/v1/locate?lon=118.2005&lat=36.6005")
    assert place["beat"]["name"] == "湖滨一格"
    counts = {b["name"]: b["cells"] for b in get(admin, "/api/v1/beats?shift=1")["items"]}
    assert counts == {"湖滨一格": 2, "责任网格379901": 22, "责任网格379902": 24}


def test_only_inspectors_are_appointed(house, admin):  # noqa: F811
    people = dict(ask(house, "SELECT username, id FROM people"))
    path = "/api/v1/beats/1/inspectors"
    assert admin.post(path, {"people": [people["inspector"]]}).status_code == 201
    assert admin.post(path, {"people": [people["mayor"]]}).status_code == 422
    (beat,) = [b for b in get(admin, "/api/v1/beats?shift=1")["items"] if b["id"] == 1]
    assert beat["people"] == [people["inspector"]]


def test_imports_from_the_page_speak_the_language_of_the_city(house, admin):  # noqa: F811
    rows = "code,name,level,parent_code\n379901002,新街道,4,379901\n3799010,错,4,379901\n"
    sent = admin.client.post(
        "/api/v1/uploads?name=tree.csv", data=rows.encode(), headers=admin.headers
    )
    done = job_of(house, admin, "/api/v1/divisions/imports", {"upload": sent.json["id"]})
    assert (done["result"]["stored"], done["result"]["quarantined"]) == (1, 1), done
    path = f"/api/v1/places/imports/{done['result']['import']}/quarantine.csv"
    assert "4 级区划的代码应为 9 位" in admin.get(path).get_data(as_text=True)


def test_a_crossing_area_of_a_file_is_put_aside_with_its_repair(house, admin):  # noqa: F811
    feature = {"type": "Feature", "properties": {"code": COMMUNITY, "name": "甲"}}
    file = {"type": "FeatureCollection", "features": [feature | {"geometry": BOWTIE}]}
    sent = admin.client.post(
        "/api/v1/uploads?name=a.geojson", data=json.dumps(file), headers=admin.headers
    )
    body = {"upload": sent.json["id"], "level": "community"}
    result = job_of(house, admin, "/api/v1/areas/imports", body)["result"]
    assert (result["stored"], result["quarantined"]) == (0, 1)
    (proposal,) = result["proposals"]
    assert proposal["reason"].startswith("图形无效")
    with house.extensions["sessions"].begin() as session:
        stored = session.execute(text("SELECT count(*) FROM areas WHERE code = :c"),
                                 {"c": COMMUNITY}).scalar()  # fmt: skip
    assert stored == 0
