"""Imports in two steps: compared, looked at, mended, applied in one transaction, undone whole."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from app.jobs import handlers
from app.kernel import queue
from tests.city import Program
from tests.importing import ask, house, run

HEADER = "经度,纬度,外部编号,部件名称,状态,主管部门,初始日期,备注,树高"
ROWS = (
    "118.2001,36.6001,T-1,国槐,完好,园林中心,20200131,,5",
    "118.2011,36.6001,T-2,银杏,破损,YL,2020-02-01,缺支撑,6",
    "118.2021,36.6001,T-3,悬铃木,完好,园林中心,,,7",
)
MAPPING = {
    "columns": {
        "lon": "经度", "lat": "纬度", "external_id": "外部编号", "name": "部件名称",
        "state": "状态", "owner": "主管部门", "begun_on": "初始日期", "note": "备注",
    },
    "attributes": {"树高": "树高"},
}  # fmt: skip


@pytest.fixture
def app(template, tmp_path):
    yield from house(template, tmp_path)


@pytest.fixture
def admin(app):
    return Program(app, "admin")


@pytest.fixture
def settle(app):
    """Return a function that does all the work that waits."""
    sessions, settings = app.extensions["sessions"], app.config["SETTINGS"]

    def work():
        while queue.run_one(sessions, handlers(sessions, settings)):
            pass

    return work


@pytest.fixture
def send(admin, settle):
    """Return a function that sends a table and compares it; it gives the import as it is then."""

    def sent(lines, *, name="trees.csv", kind="0402", mapping=MAPPING, header=HEADER, **more):
        body = lines if isinstance(lines, bytes) else "\n".join([header, *lines]).encode()
        upload = admin.client.post(
            "/api/v1/uploads", query_string={"name": name}, data=body, headers=admin.headers
        )
        assert upload.status_code == 201, upload.text
        told = {"upload": upload.json["id"], "kind": kind, "mapping": mapping, **more}
        begun = admin.post("/api/v1/part-imports", told)
        assert begun.status_code == 201, begun.text
        settle()
        return state(admin, begun.json["id"])

    return sent


def state(admin, number, action="changed"):
    return admin.get(f"/api/v1/part-imports/{number}", action=action).json


def counts(found):
    return {k: found["counts"][k] for k in ("new", "changed", "same", "gone", "aside")}


def do(admin, settle, found, deed, **body):
    answer = admin.post(f"/api/v1/part-imports/{found['id']}/{deed}", body)
    assert answer.status_code == 201, answer.text
    settle()
    return admin.get(f"/api/v1/jobs/{answer.json['job']}").json


def trees(app):
    return ask(
        app,
        "SELECT external_id, name, state, owner, begun_on::text, note, attributes,"
        " round(ST_X(geom)::numeric, 4)::float, cell FROM parts"
        " WHERE kind = 'C0402' ORDER BY external_id",
    )


def test_a_comparison_changes_nothing_and_applying_stores_everything(app, admin, settle, send):
    found = send(ROWS)
    assert found["state"] == "compared"
    assert counts(found) == {"new": 3, "changed": 0, "same": 0, "gone": 0, "aside": 0}
    assert trees(app) == []
    assert do(admin, settle, found, "apply")["result"] == {"import": 1, "added": 3, "changed": 0}
    assert trees(app)[1] == (
        "T-2", "银杏", "damaged", "YL", "2020-02-01", "缺支撑", {"树高": "6"}, 118.2011,
        "37990100100105",
    )  # fmt: skip


def test_the_same_file_again_is_unchanged_and_the_next_survey_shows_its_difference(
    app, admin, settle, send
):
    do(admin, settle, send(ROWS), "apply")
    assert counts(send(ROWS)) == {"new": 0, "changed": 0, "same": 3, "gone": 0, "aside": 0}
    survey = [ROWS[0].replace("完好", "丢失").replace("118.2001", "118.2002"),
              ROWS[2], "118.2015,36.6001,T-9,国槐,完好,园林中心,,,1"]  # fmt: skip
    found = send(survey)
    assert counts(found) == {"new": 1, "changed": 1, "same": 1, "gone": 1, "aside": 0}
    (row,) = found["items"]
    assert row["changes"]["state"] == ["intact", "lost"]
    assert set(row["changes"]) == {"state", "geom"}
    before = trees(app)
    do(admin, settle, found, "apply", gone="removed")
    assert [(t[0], t[2], t[7]) for t in trees(app)] == [
        ("T-1", "lost", 118.2002),
        ("T-2", "removed", 118.2011),
        ("T-3", "intact", 118.2021),
        ("T-9", "intact", 118.2015),
    ]
    assert state(admin, found["id"])["state"] == "applied"
    assert do(admin, settle, found, "undo")["result"] == {
        "import": found["id"], "restored": 2, "removed": 1,
    }  # fmt: skip
    assert trees(app)[:3] == before
    assert trees(app)[3][2] == "removed"


def test_without_a_number_the_place_decides_within_the_accuracy_of_the_kind(
    app, admin, settle, send
):
    plain = {"columns": {"lon": "lon", "lat": "lat"}, "attributes": {}}
    told = {"mapping": plain, "header": "lon,lat"}
    do(admin, settle, send(["118.2001,36.6001", "118.2011,36.6001"], **told), "apply")
    # Class B: 1 m; a hundred-thousandth of a degree is 0.9 m here.
    found = send(["118.20011,36.6001", "118.20113,36.6001"], **told)
    assert counts(found) == {"new": 1, "changed": 1, "same": 0, "gone": 1, "aside": 0}


def test_a_row_with_the_registers_own_code_means_that_part(app, admin, send):
    mapping = {"columns": {"lon": "x", "lat": "y", "code": "ObjID", "note": "n"}, "attributes": {}}
    found = send(
        ["118.2005,36.6006,3799010103000001,满"],
        kind="0103",
        mapping=mapping,
        header="x,y,ObjID,n",
    )
    assert counts(found)["changed"] == 1
    assert found["items"][0]["changes"] == {"note": ["", "满"]}


BAD = (
    ("118.2001,36.6001,T-1,国槐,好极了,,,,", "“好极了”不是部件状态", ""),
    ("118.2001,36.6001,T-1,国槐,完好,交警,,,", "没有部门“交警”", ""),
    ("118.2001,36.6001,T-1,国槐,完好,,昨天,,", "“昨天”不是日期", ""),
    ("36.6001,118.2001,T-1,国槐,完好,,,,", "颠倒", "交换经度和纬度"),
    ("1e308,36.6,T-1,国槐,完好,,,,", "不是度", ""),
    ("nan,36.6,T-1,国槐,完好,,,,", "不是数字", ""),
    ("118.2001,36.6001,T-1", "3 个字段", ""),
)


@pytest.mark.parametrize(("row", "reason", "repair"), BAD)
def test_a_bad_row_is_put_aside_with_its_reason_in_the_readers_words(
    admin, send, row, reason, repair
):
    found = send([ROWS[1], row])
    assert counts(found)["aside"] == 1
    told = admin.get(f"/api/v1/part-imports/{found['id']}/aside.csv").text
    assert told.startswith("\ufeffrow,reason,seen,repair")
    line = told.splitlines()[1]
    assert line.startswith("2,")
    assert reason in line
    assert line.endswith(repair)


def test_two_rows_of_one_number_are_not_both_taken(admin, send):
    found = send([ROWS[0], ROWS[0].replace("118.2001", "118.2002")])
    assert counts(found) == {"new": 1, "changed": 0, "same": 0, "gone": 0, "aside": 1}
    told = state(admin, found["id"], "aside")["items"]
    assert (told[0]["row"], told[0]["facts"]) == (2, {"row": 1})


def collection(*rings, kind="Polygon"):
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": ring}}
        for ring in rings
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


OPEN = [[[118.2001, 36.6001], [118.2005, 36.6001], [118.2005, 36.6005]]]
CROSSED = [[[118.201, 36.601], [118.2014, 36.6014], [118.2014, 36.601], [118.201, 36.6014],
            [118.201, 36.601]]]  # fmt: skip
SOUND = [[[118.202, 36.601], [118.2024, 36.601], [118.2024, 36.6014], [118.202, 36.601]]]


def test_repairs_are_offered_and_never_taken_by_themselves(app, admin, settle, send):
    found = send(
        collection(OPEN, CROSSED, SOUND),
        name="green.geojson",
        kind="0405",
        mapping={"columns": {}, "attributes": {}},
    )
    assert counts(found) == {"new": 1, "changed": 0, "same": 0, "gone": 0, "aside": 2}
    rows = state(admin, found["id"], "aside")["items"]
    assert [row["repair"] for row in rows] == [
        "close the ring",
        "part the shape where it crosses itself",
    ]
    assert rows[1]["mended"].startswith("MULTIPOLYGON")
    do(admin, settle, found, "repairs", rows=[1])
    found = state(admin, found["id"])
    assert (found["counts"]["new"], found["counts"]["aside"]) == (2, 1)
    do(admin, settle, found, "apply")
    shapes = ask(app, "SELECT ST_GeometryType(geom), ST_IsValid(geom) FROM parts"
                 " WHERE kind = 'C0405'")  # fmt: skip
    assert shapes == [("ST_Polygon", True)] * 2


def test_an_area_for_a_kind_of_points_is_put_aside_with_its_middle_offered(admin, send):
    found = send(collection(SOUND), name="a.geojson", mapping={"columns": {}, "attributes": {}})
    (row,) = state(admin, found["id"], "aside")["items"]
    assert (row["facts"], row["repair"]) == (
        {"shape": "polygon", "wanted": "point"},
        "take a point on the shape",
    )


def test_lines_come_from_well_known_text_in_a_table(app, admin, settle, send):
    found = send(
        ['"LINESTRING (118.2 36.601, 118.203 36.601)"', '"LINESTRING (1 x)"'],
        header="wkt",
        name="rail.csv",
        kind="0211",
        mapping={"columns": {"wkt": "wkt"}, "attributes": {}},
    )
    assert (counts(found)["new"], counts(found)["aside"]) == (1, 1)


def test_a_changed_register_asks_for_a_new_comparison(app, admin, settle, send):
    do(admin, settle, send(ROWS), "apply")
    found = send([ROWS[0].replace("完好", "丢失")])
    code = found["items"][0]["code"]
    edited = {"changes": {"note": "新"}, "seen": 1, "reason": ""}
    assert admin.post(f"/api/v1/parts/{code}/steps", edited).status_code == 201
    job = do(admin, settle, found, "apply")
    assert job["state"] == "refused"
    assert "请重新比对" in job["error"]
    do(admin, settle, found, "compare")
    assert do(admin, settle, found, "apply")["state"] == "done"


def test_an_import_that_something_was_built_on_is_not_undone(app, admin, settle, send):
    found = send(ROWS)
    do(admin, settle, found, "apply")
    ((code,),) = ask(app, "SELECT code FROM parts WHERE external_id = 'T-2'")
    admin.post(f"/api/v1/parts/{code}/steps", {"changes": {"note": "新"}, "seen": 1})
    answer = admin.post(f"/api/v1/part-imports/{found['id']}/undo", {})
    assert answer.status_code == 409
    assert code in answer.json["detail"]


def test_an_import_is_applied_once_and_can_be_dropped_before(admin, settle, send):
    found = send(ROWS)
    do(admin, settle, found, "apply")
    assert admin.post(f"/api/v1/part-imports/{found['id']}/apply", {}).status_code == 409
    other = send(ROWS)
    assert admin.post(f"/api/v1/part-imports/{other['id']}/drop", {}).status_code == 201
    assert state(admin, other["id"])["state"] == "dropped"
    assert admin.post(f"/api/v1/part-imports/{other['id']}/apply", {}).status_code == 409


def test_a_stopped_apply_leaves_nothing(app, admin, settle, send):
    found = send(ROWS)
    job = admin.post(f"/api/v1/part-imports/{found['id']}/apply", {}).json["job"]
    admin.post(f"/api/v1/jobs/{job}/cancel", {})
    settle()
    assert trees(app) == []
    assert state(admin, found["id"])["state"] == "compared"


def test_columns_are_read_and_a_mapping_is_proposed_and_kept(admin, send):
    body = "\n".join([HEADER, *ROWS]).encode()
    upload = admin.client.post(
        "/api/v1/uploads", query_string={"name": "t.csv"}, data=body, headers=admin.headers
    ).json["id"]
    seen = admin.get("/api/v1/part-imports/glance", upload=upload).json
    assert seen["columns"] == HEADER.split(",")
    assert seen["rows"][0][3] == "国槐"
    assert seen["proposed"] == MAPPING["columns"]
    found = send(ROWS, save_as="园林普查")
    assert found["state"] == "compared"


def test_only_who_may_import_does(app):
    agent = Program(app, "agent")
    assert agent.post("/api/v1/part-imports", {}).status_code == 403
    assert agent.get("/api/v1/part-imports/1/aside.csv").status_code == 403
    assert agent.post("/api/v1/part-exports", {}).status_code == 403


def exported(admin, settle, form, **filters):
    answer = admin.post("/api/v1/part-exports", {"format": form, "filters": filters})
    assert answer.status_code == 201, answer.text
    settle()
    sent = admin.get(f"/api/v1/part-exports/{answer.json['job']}")
    assert sent.status_code == 200, admin.get(f"/api/v1/jobs/{answer.json['job']}").text
    assert sent.headers["Content-Disposition"].startswith("attachment; filename=parts.")
    return BytesIO(sent.data)


@pytest.mark.parametrize("form", ["gpkg", "geojson", "shp", "xlsx"])
def test_what_is_exported_is_read_again_as_unchanged(admin, settle, send, form):
    do(admin, settle, send(ROWS), "apply")
    name = {"shp": "p.shp.zip"}.get(form, f"p.{form}")
    written = exported(admin, settle, form, kind="0402").getvalue()
    standard = {"code": "ObjID", "name": "ObjName", "owner": "DeptCode1", "state": "ObjState",
                "begun_on": "ORDate", "external_id": "ExtID", "note": "Note"}  # fmt: skip
    found = send(written, name=name, mapping={"columns": standard, "attributes": {}})
    assert counts(found) == {"new": 0, "changed": 0, "same": 3, "gone": 0, "aside": 0}, found


def test_cells_that_look_like_formulas_stay_texts(admin, settle, send):
    risky = (
        ROWS[0].replace("国槐", "=1+1").replace("园林中心,20200131,", "园林中心,20200131,@SUM(1)")
    )
    do(admin, settle, send([risky]), "apply")
    book = openpyxl.load_workbook(exported(admin, settle, "xlsx", kind="0402"))
    cells = {cell.value: cell for cell in book.active[2]}
    for value in ("=1+1", "@SUM(1)"):
        assert (cells[value].data_type, cells[value].quotePrefix) == ("s", True)


def test_the_command_exports_what_the_page_does(app, admin, settle, send, tmp_path):
    do(admin, settle, send(ROWS), "apply")
    file = tmp_path / "out.shp.zip"
    assert run(app, "export-parts", file, "--kind", "0402") == (0, "exported 3\n")
    with zipfile.ZipFile(file) as archive:
        assert {Path(name).suffix for name in archive.namelist()} >= {".shp", ".dbf", ".cpg"}
    code, output = run(app, "export-parts", tmp_path / "out.doc")
    assert code == 1
    assert "gpkg, shp, geojson, xlsx" in output


def test_an_export_is_noted_with_its_count_and_only_its_owner_has_it(app, admin, settle, send):
    do(admin, settle, send(ROWS), "apply")
    job = admin.post("/api/v1/part-exports", {"format": "geojson", "filters": {"kind": "0402"}})
    settle()
    path = f"/api/v1/part-exports/{job.json['job']}"
    assert len(json.loads(admin.get(path).data)["features"]) == 3
    noted = ask(app, "SELECT result FROM audit WHERE action = 'part.export'")
    assert noted == [("geojson 3",)]
    assert Program(app, "agent").get(path).status_code == 403


def test_the_same_key_begins_one_import(app, admin):
    sent = admin.client.post(
        "/api/v1/uploads",
        query_string={"name": "t.csv"},
        data="\n".join([HEADER, *ROWS]).encode(),
        headers=admin.headers,
    )
    key = "00000000-0000-4000-8000-00000000000a"
    told = {"upload": sent.json["id"], "kind": "0402", "mapping": MAPPING}
    first = admin.post("/api/v1/part-imports", told, key=key).json
    assert admin.post("/api/v1/part-imports", told, key=key).json == first
    assert ask(app, "SELECT count(*) FROM imports") == [(1,)]
