"""Real registers of parts, the large one in a process of its own to see its memory."""

import os
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
import xlsxwriter

from app.jobs import handlers
from app.kernel import queue
from tests.city import Program
from tests.importing import DATA, MAPPINGS, aside, ask, counted, run

PARTS = DATA / "parts"
TREES = MAPPINGS / "la_trees.toml"
LIGHTS = MAPPINGS / "dc_streetlights.toml"
MOST_MEMORY = 300 * 1024
"""KiB."""
MEASURED = """
import runpy, sys
sys.argv[0] = "flask"
try:
    runpy.run_module("flask", run_name="__main__", alter_sys=False)
finally:
    told = open("/proc/self/status").read().split("VmHWM:")[1]
    print(told.split()[0], file=sys.stderr)
"""
"""Flask's commands; the last word on stderr is the most memory used, in KiB.  What the system tells
of a child also counts what its parent had used before."""


def test_887002_trees_are_stored_within_300_mebibytes(app):
    settings = app.config["SETTINGS"]
    words = ("import-parts", PARTS / "la_trees_points.parquet", "--kind", "0402", "--map", TREES)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "--app", "wsgi", *map(str, words)],
        cwd=MAPPINGS.parents[1],
        env=os.environ | {"DATABASE_URL": settings.dsn, "DATA": str(settings.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert counted(done.stdout) == (887_002, 887_002, 0)
    assert int(done.stderr.split()[-1]) < MOST_MEMORY
    found = ask(
        app,
        "SELECT count(*), min(right(code, 6)), max(right(code, 6)), count(attributes -> 'city'),"
        " count(attributes -> 'species'), min(left(code, 10)), max(left(code, 10))"
        " FROM parts WHERE kind = 'C0402'",
    )
    assert found == [
        (887_002, "000001", "887002", 887_002, 157_346, "9900000402", "9900000402"),
    ]
    assert ask(app, "SELECT last FROM part_serials WHERE kind = 'C0402'") == [(887_002,)]


@pytest.mark.parametrize("mapping", [("--map", TREES), ()], ids=["with", "without"])
def test_all_3000_dirty_rows_are_put_aside_with_or_without_a_mapping(app, mapping):
    file = PARTS / "la_trees_dirty_sample.csv"
    _, output = run(app, "import-parts", file, "--kind", "0403", *mapping)
    assert counted(output) == (3_000, 0, 3_000)
    assert sorted(aside(output)) == list(range(1, 3_001))


@pytest.mark.parametrize(
    ("name", "kind", "mapping", "stored"),
    [
        ("dc_downtown_streetlights.csv.gz", "0118", ("--map", LIGHTS), 3_963),
        ("dc_downtown_benches.geojson.gz", "0407", (), 2_782),
        ("dc_downtown_bike_racks.geojson.gz", "0212", (), 740),
        ("dc_downtown_trees_points.geojson.gz", "0402", (), 6_905),
        ("dc_downtown_bioswales.geojson.gz", "0405", (), 123),
        ("nyc_hydrants_sample.csv.gz", "0113", (), 5_000),
        ("shanghai_bus71_stops.geojson", "0203", (), 49),
    ],
)
def test_a_real_register_is_read_whole(app, name, kind, mapping, stored):
    _, output = run(app, "import-parts", PARTS / name, "--kind", kind, *mapping)
    assert counted(output) == (stored, stored, 0)


@pytest.fixture
def staged(app):
    """Return a function that sends a real file through the page's import; it gives its counts."""
    admin = Program(app, "admin")
    sessions, settings = app.extensions["sessions"], app.config["SETTINGS"]

    def through(path, kind, columns=None, *, name=None, apply=False, **more):
        upload = admin.client.post(
            "/api/v1/uploads",
            query_string={"name": name or path.name},
            data=path.read_bytes(),
            headers=admin.headers,
        )
        assert upload.status_code == 201, upload.text
        mapping = {"columns": columns or {}, "attributes": {}, **more.pop("mapping", {})}
        told = {"upload": upload.json["id"], "kind": kind, "mapping": mapping, **more}
        begun = admin.post("/api/v1/part-imports", told)
        assert begun.status_code == 201, begun.text
        number = begun.json["id"]
        for deed in ("compare", "apply") if apply else ("compare",):
            if deed == "apply":
                admin.post(f"/api/v1/part-imports/{number}/apply", {})
            while queue.run_one(sessions, handlers(sessions, settings)):
                pass
        return admin.get(f"/api/v1/part-imports/{number}", action="aside").json

    return through


def test_the_compounds_of_three_cities_are_mended_only_as_a_preview(app, staged):
    source = DATA / "boundaries" / "residential_compounds_bj_sh_sz_bd09.json.gz"
    found = staged(source, "0405", coord_sys="bd09", mapping={"bbox": [73, 3, 136, 54]})
    counts = found["counts"]
    assert found["read"] == 8_470
    # 21 rings are closed; of the others nearly all would be by repeating their first position.
    assert counts["new"] + counts["aside"] == 8_470
    assert counts["new"] < 30
    assert 8_400 < counts["repairs"] < 8_470
    assert {row["repair"] for row in found["items"]} <= {
        "close the ring",
        "part the shape where it crosses itself",
        "",
    }
    assert ask(app, "SELECT count(*) FROM parts WHERE kind = 'C0405'"
                    " AND import_id = :id", id=found["id"]) == [(0,)]  # fmt: skip


def test_feet_that_are_called_degrees_are_all_put_aside_with_their_reasons(staged):
    columns = {"lon": "lon", "lat": "lat"}
    found = staged(PARTS / "la_trees_dirty_sample.csv", "0403", columns)
    assert (found["counts"]["new"], found["counts"]["aside"]) == (0, 3_000)


def test_components_of_five_cities_come_with_their_reasons(staged):
    columns = {"lon": "lon", "lat": "lat"}
    found = staged(PARTS / "osm_point_components.csv.gz", "0117", columns,
                   mapping={"bbox": [-180, -85, 180, 85]})  # fmt: skip
    assert found["counts"]["new"] + found["counts"]["changed"] == 11_666


def test_a_workbook_of_50000_trees_is_compared_applied_and_again_unchanged(staged, tmp_path):
    trees = pq.read_table(PARTS / "la_trees_points.parquet", columns=["lon", "lat", "city"])
    path = tmp_path / "trees.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(("ExtID", "lon", "lat", "city")):
            sheet.write(0, column, name)
        for row, tree in enumerate(trees.slice(0, 50_000).to_pylist(), start=1):
            told = (f"LA-{row}", tree["lon"], tree["lat"], tree["city"])
            for column, value in enumerate(told):
                sheet.write(row, column, value)
    columns = {"external_id": "ExtID", "lon": "lon", "lat": "lat"}
    first = staged(path, "0404", columns, apply=True)
    assert (first["state"], first["stored"]) == ("applied", 50_000)
    again = staged(path, "0404", columns)
    assert {k: again["counts"][k] for k in ("new", "changed", "same", "gone", "aside")} == {
        "new": 0, "changed": 0, "same": 50_000, "gone": 0, "aside": 0,
    }  # fmt: skip
