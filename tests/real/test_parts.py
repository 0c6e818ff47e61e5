"""Real registers of parts, the large one in a process of its own to see its memory."""

import os
import resource
import subprocess
import sys

import pytest

from tests.importing import DATA, MAPPINGS, aside, ask, counted, run

PARTS = DATA / "parts"
TREES = MAPPINGS / "la_trees.toml"
LIGHTS = MAPPINGS / "dc_streetlights.toml"
MOST_MEMORY = 1024 * 1024
"""KiB."""


def test_887002_trees_are_stored_with_less_than_a_gibibyte(app):
    settings = app.config["SETTINGS"]
    words = ("import-parts", PARTS / "la_trees_points.parquet", "--kind", "0402", "--map", TREES)
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, words)],
        cwd=MAPPINGS.parents[1],
        env=os.environ | {"DATABASE_URL": settings.dsn, "DATA": str(settings.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert counted(done.stdout) == (887_002, 887_002, 0)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MOST_MEMORY
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
    ("name", "mapping", "stored"),
    [
        ("dc_downtown_streetlights.csv.gz", ("--map", LIGHTS), 3_963),
        ("dc_downtown_benches.geojson.gz", (), 2_782),
        ("dc_downtown_bike_racks.geojson.gz", (), 740),
        ("dc_downtown_trees_points.geojson.gz", (), 6_905),
        ("dc_downtown_bioswales.geojson.gz", (), 123),
        ("nyc_hydrants_sample.csv.gz", (), 5_000),
        ("shanghai_bus71_stops.geojson", (), 49),
    ],
)
def test_a_real_register_is_read_whole(app, name, mapping, stored):
    _, output = run(app, "import-parts", PARTS / name, "--kind", "0118", *mapping)
    assert counted(output) == (stored, stored, 0)
