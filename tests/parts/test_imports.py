"""Parts from tables and maps: what is stored, what is put aside, what is refused."""

import json
import zipfile

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.importing import aside, ask, counted, house, run

GOOD = "118.2005,36.6005"
BOX = "bbox = [118.0, 36.0, 119.0, 37.0]\n"


@pytest.fixture(scope="module")
def app(template, tmp_path_factory):
    yield from house(template, tmp_path_factory.mktemp("data"))


@pytest.fixture
def parts(app, tmp_path):
    """Return a function that imports lines of lon,lat under a mapping."""

    def imported(*lines, mapping="", options=(), header="lon,lat"):
        file, told = tmp_path / "p.csv", tmp_path / "m.toml"
        file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        told.write_text(mapping, encoding="utf-8")
        words = ("import-parts", file, "--kind", "0402", "--map", told, "--again", *options)
        return run(app, *words)

    return imported


@pytest.mark.parametrize("mapping", ["", BOX], ids=["without an extent", "with an extent"])
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",", "has no position"),
        (" ,\u3000", "has no position"),
        ("118.2,", "not a number"),
        ("abc,36.6", "not a number"),
        ("nan,36.6", "not a number"),
        ("inf,36.6", "not finite"),
        ("118.2,-inf", "not finite"),
        ("1e308,1e308", "no degrees"),
        ("0,0", "there was none"),
        ("36.6005,118.2005", "swapped"),
        ("6480000,1840000", "no degrees"),
        ("118.2", "has 1 fields"),
        ("118.2,36.6,3", "has 3 fields"),
    ],
)
def test_a_row_without_a_possible_place_is_put_aside(parts, mapping, row, reason):
    code, output = parts(GOOD, row, mapping=mapping)
    assert (code, counted(output)) == (0, (2, 1, 1))
    assert reason in aside(output)[2]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("-118.2005,36.6005", "sign"),
        ("118.2005,-36.6005", "sign"),
        ("-96.00147,40.000289", "outside the expected extent"),
        ("118.2,-90", "outside the expected extent"),
    ],
)
def test_an_extent_shows_what_is_merely_elsewhere(parts, row, reason):
    _, output = parts(GOOD, row, mapping=BOX)
    assert reason in aside(output)[2]


def test_without_an_extent_a_row_far_from_the_others_is_put_aside(parts):
    _, output = parts(*[GOOD] * 9, "120.2,36.6", "119.5,36.6")
    assert aside(output) == {10: "The position lies more than 150 km from the rest of the file."}


def test_without_an_extent_a_pile_on_one_spot_is_put_aside(parts):
    spread = [f"{118.2 + n / 5000},36.6" for n in range(200)]
    _, output = parts(*spread, *["118.7,36.7"] * 101)
    assert counted(output) == (301, 200, 101)
    assert set(aside(output).values()) == {
        "Many rows lie on this very spot: it stands for no position."
    }


def test_a_part_gets_cell_district_serial_name_and_attributes(app, parts):
    before = ask(app, "SELECT coalesce(max(code), '3799010402000000') FROM parts WHERE kind='C0402'"
                 " AND code LIKE '379901%'")[0][0]  # fmt: skip
    mapping = "columns.name = '树名'\n[attributes]\n'树种' = 'species'\nheight = 'h'\n"
    _, output = parts(f"{GOOD},国槐一号,国槐,", header="lon,lat,树名,species,h", mapping=mapping)
    assert counted(output) == (1, 1, 0)
    found = ask(app, "SELECT code, name, cell, source, attributes, ST_SRID(geom) FROM parts"
                " ORDER BY import_id DESC NULLS LAST LIMIT 1")  # fmt: skip
    after = f"{int(before) + 1}"
    assert found == [(after, "国槐一号", "37990100100101", "imported", {"树种": "国槐"}, 4490)]


def test_serials_go_on_after_codes_that_no_counter_knows(app, tmp_path):
    file = tmp_path / "p.csv"
    file.write_text(f"x,y\n{GOOD}\n")
    assert counted(run(app, "import-parts", file, "--kind", "0103")[1]) == (1, 1, 0)
    codes = ask(app, "SELECT code FROM parts WHERE kind = 'C0103' ORDER BY code")
    assert codes == [("3799010103000001",), ("3799010103000002",)]


@pytest.mark.parametrize(
    ("options", "division"),
    [((), "990000"), (("--division", "379902"), "379902")],
)
def test_a_part_outside_every_area_belongs_to_the_division_named(app, parts, options, division):
    parts("118.9,36.9", options=options)
    found = ask(app, "SELECT left(code, 6), cell FROM parts WHERE kind = 'C0402'"
                " ORDER BY import_id DESC LIMIT 1")  # fmt: skip
    assert found == [(division, None)]


def test_gcj02_rows_are_moved(app, parts):
    parts("118.2005,36.6005", options=("--coord-sys", "gcj02", "--division", "379901"))
    ((lon,),) = ask(app, "SELECT ST_X(geom) FROM parts ORDER BY import_id DESC NULLS LAST LIMIT 1")
    assert 118.194 < lon < 118.196


def test_projected_columns_are_moved_by_their_epsg_number(app, parts):
    parts("39607464.5,4052218.9", mapping="epsg = 4527\n", options=("--division", "379901"))
    ((lon, lat),) = ask(
        app,
        "SELECT ST_X(geom), ST_Y(geom) FROM parts ORDER BY import_id DESC NULLS LAST LIMIT 1",
    )
    assert (lon, lat) == (pytest.approx(118.2, abs=0.01), pytest.approx(36.6, abs=0.01))


def test_parts_are_counted_for_the_map_afterwards(app, parts):
    parts(GOOD)
    waiting = "SELECT count(*) FROM jobs WHERE name = 'count_parts' AND done_at IS NULL"
    assert ask(app, waiting) == [(1,)]


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [
        ("colums.lon = 'x'", "“colums” that means nothing"),
        ("columns.lng = 'x'", "“columns.lng” that means nothing"),
        ("columns.lon = 'x'", "no column “x”. It has: lon, lat"),
        ("[attributes]\nheight = 'h'", "no column “h”"),
        ("epsg = 'four'", "“epsg” must be a whole number"),
        ("epsg = 999999", "EPSG:999999"),
        ("bbox = [1, 2, 3]", "“bbox” must be four numbers"),
        ("bbox = [3, 2, 1, 4]", "“bbox” must be four numbers"),
        ("coord_sys = 'mars'", "no coordinate system mars"),
        ("encoding = 'klingon'", "no encoding “klingon”"),
    ],
)
def test_a_wrong_mapping_is_one_sentence_that_names_the_key(app, parts, mapping, sentence):
    before = ask(app, "SELECT count(*) FROM parts")
    code, output = parts(GOOD, mapping=mapping)
    assert code == 1
    assert sentence in output
    assert ask(app, "SELECT count(*) FROM parts") == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--kind", "9999"), "no kind “9999”"),
        (("--kind", "E0102"), "a kind of events"),
        (("--kind", "0402", "--division", "37"), "37 is not the code of a district"),
        (("--kind", "0402", "--division", "x"), "division code x is wrong"),
    ],
)
def test_a_wrong_option_is_one_sentence(app, tmp_path, options, sentence):
    file = tmp_path / "p.csv"
    file.write_text(f"lon,lat\n{GOOD}\n")
    code, output = run(app, "import-parts", file, *options)
    assert code == 1
    assert sentence in output


def test_the_same_file_is_refused_a_second_time(app, tmp_path):
    file = tmp_path / "p.csv"
    file.write_text("lon,lat\n118.2077,36.6005\n")
    words = ("import-parts", file, "--kind", "0402")
    assert run(app, *words)[0] == 0
    code, output = run(app, *words)
    assert code == 1
    assert "1 parts. A second time would give each of them a second code" in output
    assert run(app, *words, "--again")[0] == 0


def test_a_workbook_is_read_and_its_numbers_are_numbers(app, tmp_path):
    book = openpyxl.Workbook()
    for row in (["经度", "纬度", "编号"], [118.2005, 36.6005, 7.0], ["118.2006", "36.6005", None]):
        book.active.append(row)
    book.save(tmp_path / "p.xlsx")
    mapping = tmp_path / "m.toml"
    mapping.write_text("[attributes]\nno = '编号'\n")
    words = ("import-parts", tmp_path / "p.xlsx", "--kind", "0402", "--map", mapping)
    assert counted(run(app, *words)[1]) == (2, 2, 0)
    found = ask(
        app, "SELECT attributes FROM parts ORDER BY import_id DESC NULLS LAST, code LIMIT 2"
    )
    assert found == [({"no": "7"},), ({},)]


def test_a_workbook_that_unpacks_to_a_gigabyte_is_refused_by_its_directory(app, tmp_path):
    with zipfile.ZipFile(tmp_path / "p.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", "")
        with bomb.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(700):
                sheet.write(bytes(1_000_000))
    code, output = run(app, "import-parts", tmp_path / "p.xlsx", "--kind", "0402")
    assert code == 1
    assert "would unpack to 700 MB" in output


def test_a_parquet_file_is_read_with_its_holes(app, tmp_path):
    table = {"lon": [118.2005, None, np.nan], "lat": [36.6005, 36.6, 36.6]}
    pq.write_table(pa.table(table), tmp_path / "p.parquet")
    _, output = run(app, "import-parts", tmp_path / "p.parquet", "--kind", "0402")
    assert counted(output) == (3, 1, 2)
    assert set(aside(output).values()) == {"A coordinate is not a number."}


def shape(kind, coordinates):
    return {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


@pytest.mark.parametrize(
    ("feature", "reason"),
    [
        (shape("Point", [0, 0]), "there was none"),
        (shape("Point", [36.6, 118.2]), "swapped"),
        (shape("Point", [6480000, 1840000]), "no degrees"),
        (shape("LineString", [[118.2, 36.6], [1e308, 36.6]]), "no degrees"),
        (shape("Polygon", [[[118.2, 36.6], [118.3, 36.7], [118.2, 36.7]]]), "not closed"),
        (
            shape("Polygon", [[[118, 36], [119, 37], [119, 36], [118, 37], [118, 36]]]),
            "not valid: Self-intersection",
        ),
        (
            shape("LineString", [[118 + n * 1e-6, 36.6] for n in range(10_001)]),
            "10001 vertices",
        ),
    ],
)
def test_a_shape_that_cannot_stand_in_the_city_is_put_aside(app, tmp_path, feature, reason):
    file = tmp_path / "p.geojson"
    good = shape("Point", [118.2, 36.6])
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [good, feature]}))
    kind = {"Point": "0402", "LineString": "0408", "Polygon": "0405"}
    words = ("--kind", kind[feature["geometry"]["type"]], "--again")
    code, output = run(app, "import-parts", file, *words)
    assert (code, counted(output)) == (0, (2, 1, 1))
    assert reason in aside(output)[2]


@pytest.mark.parametrize(
    ("kind", "geometry", "stored"),
    [
        ("0402", shape("Point", [118.2, 36.6]), 1),
        ("0402", shape("MultiPoint", [[118.2, 36.6]]), 1),
        ("0402", shape("MultiPoint", [[118.2, 36.6], [118.3, 36.6]]), 0),
        ("0402", shape("LineString", [[118.2, 36.6], [118.201, 36.6]]), 0),
        ("0408", shape("LineString", [[118.2, 36.6], [118.201, 36.6]]), 1),
        ("0408", shape("Point", [118.2, 36.6]), 1),
        ("0405", shape("LineString", [[118.2, 36.6], [118.201, 36.6]]), 0),
    ],
)
def test_only_shapes_that_fit_the_kind_are_stored(app, tmp_path, kind, geometry, stored):
    file = tmp_path / "p.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [geometry]}))
    _, output = run(app, "import-parts", file, "--kind", kind, "--again")
    assert counted(output) == (1, stored, 1 - stored)
    assert all("does not fit this kind" in reason for reason in aside(output).values())
