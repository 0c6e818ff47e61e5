"""Residential compounds of three cities as they were published: a bare array, rings left open."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.city import Program
from tests.importing import DATA, aside, ask, counted, run
from tests.layers.working import draft, new_layer

FILE = DATA / "boundaries" / "residential_compounds_bj_sh_sz_bd09.json.gz"
ROWS, OPEN = 8_470, 8_449
OPEN_RING = "A ring is not closed."
COUNTRY = "bbox = [73, 3, 136, 54]\n"
IMPORTS = {
    "parts": ("import-parts", FILE, "--kind", "0405"),
    "areas": ("import-areas", FILE, "--level", "community"),
    "tracts": ("import-addresses", FILE, "--holds", "tracts"),
}


@pytest.mark.parametrize("what", IMPORTS)
def test_each_open_ring_is_put_aside_with_its_repair_and_the_rest_goes_on(app, tmp_path, what):
    mapping = tmp_path / "country.toml"
    mapping.write_text(COUNTRY if what == "parts" else "")
    code, output = run(app, *IMPORTS[what], "--coord-sys", "bd09", "--map", mapping)
    assert code == 0, output
    read, stored, quarantined = counted(output)
    assert (read, stored + quarantined) == (ROWS, ROWS)
    assert Counter(aside(output).values())[OPEN_RING] == OPEN
    lines = quarantine(output)
    closed = [line for line in lines if line["repair"] == "close the ring"]
    assert len(closed) > 8_400
    assert all(line["mended"].startswith("POLYGON ((1") for line in closed)
    # Nothing has a name, so only parts can be stored.
    assert (stored > 0) is (what == "parts")


def quarantine(output):
    path = re.search(r"\((.*-quarantine\.csv)\)", output)[1]
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_layer_offers_to_close_the_rings_and_stores_what_was_sound(app):
    admin = Program(app, "admin")
    layer = new_layer(admin, "compounds")
    done = draft(app, admin, layer, FILE.name, FILE, coord_sys="bd09")["result"]
    assert done["read"] == ROWS == done["stored"] + done["quarantined"]
    assert done["stored"] > 0
    offered = ask(app, "SELECT reason, count(*) FROM layer_repairs GROUP BY reason")
    assert dict(offered)[OPEN_RING] > 8_400
    # Moved from BD-09: the first compound of Chongqing lies 1.2 km to the west of what is written.
    west = ask(app, "SELECT ST_XMin(geom) FROM layer_repairs WHERE row = 1")[0][0]
    assert 0.008 < 106.516657 - west < 0.014
