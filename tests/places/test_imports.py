"""Divisions, areas and cells of a made-up city, and every way to get them wrong."""

import gzip
import json

import pytest

from tests.importing import aside, ask, counted, house, run

HEADER = "code,name,level,parent_code"


@pytest.fixture(scope="module")
def app(template, tmp_path_factory):
    yield from house(template, tmp_path_factory.mktemp("data"))


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def square(west, south, size=0.01, **properties):
    ring = [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]
    return feature({"type": "Polygon", "coordinates": [ring]}, **properties)


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(path, *features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",无名,4,379901", "missing"),
        ("379901900,,4,379901", "missing"),
        ("379901901,甲,,379901", "missing"),
        ("379901902,甲,6,379901", "must be 1, 2, 3, 4 or 5"),
        ("379901903,甲,x,379901", "must be 1, 2, 3, 4 or 5"),
        ("3799019,甲,4,379901", "has 9 digits"),
        ("３７９９０１９０４,甲,4,379901", "has 9 digits"),
        ("379901905,甲,4,", "has no parent"),
        ("37,甲,1,3", "has no parent"),
        ("379901906,甲,4,379902", "does not begin with"),
        ("379901001,乙,4,379901", "given already, in row 1"),
        ("379909001001,甲,5,379909001", "no division 379909001 above"),
        ("379901907,甲", "has 2 fields"),
    ],
)
def test_a_bad_division_is_put_aside_with_its_reason(app, tmp_path, line, reason):
    file = write(tmp_path / "t.csv", HEADER, "379901001,甲街道,4,379901", line)
    code, output = run(app, "import-divisions", file)
    assert (code, counted(output)) == (0, (2, 1, 1))
    assert reason in aside(output)[2]


def test_what_hangs_on_a_bad_division_is_put_aside_too(app, tmp_path):
    file = write(
        tmp_path / "t.csv",
        HEADER,
        "379901,澄湖区,3,3799",
        "379901800,,4,379901",
        "379901800001,甲社区,5,379901800",
    )
    _, output = run(app, "import-divisions", file)
    assert sorted(aside(output)) == [2, 3]


def test_names_lose_ideographic_spaces_and_a_second_import_updates(app, tmp_path):
    for name in ("甲社区", "乙社区"):
        line = f"379901001777,\u3000{name} ,5,379901001"
        code, output = run(app, "import-divisions", write(tmp_path / "t.csv", HEADER, line))
        assert (code, counted(output)) == (0, (1, 1, 0))
        found = ask(app, "SELECT name FROM divisions WHERE code = '379901001777'")
        assert found == [(name,)]


def test_the_file_of_one_city_may_begin_below_an_unknown_province(app, tmp_path):
    file = write(tmp_path / "t.csv", HEADER, "4403,深圳市,2,44", "440305,南山区,3,4403")
    code, output = run(app, "import-divisions", file)
    assert (code, counted(output)) == (0, (2, 2, 0))
    assert "warning: 4403: the division 44 above it is not known yet" in output


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", "代码,名称\n1,2\n".encode(), "no column “code”"),
        ("t.csv", b"code,code\n", "two columns called “code”"),
        ("t.csv", "code,name,level,parent_code\n37,齐州省,1,\n".encode("gb18030"), "is not text"),
        ("t.csv", b'code,name,level,parent_code\n"37,a,1,\n', "is not a CSV table"),
        ("t.csv", b"x" * 4_000_001, "line of more than 4 MB"),
        (
            "t.csv.gz",
            gzip.compress(b"code,name,level,parent_code\n" * 999, mtime=0)[:40],
            "ends too early",
        ),
        ("t.csv.gz", b"code,name\n", "ends too early or is damaged"),
        ("t.csv.xz", b"code,name\n", "ends too early or is damaged"),
        ("t.xlsx", b"PK", "not an XLSX workbook"),
        ("t.parquet", b"PAR1", "not a sound Parquet file"),
        ("t.gpkg", b"SQLite format 3", "no table or map file"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_changes_nothing(
    app, tmp_path, name, content, sentence
):
    before = ask(app, "SELECT count(*) FROM divisions"), ask(app, "SELECT count(*) FROM imports")
    (tmp_path / name).write_bytes(content)
    code, output = run(app, "import-divisions", tmp_path / name)
    assert code == 1
    assert output.startswith("Error: ")
    assert sentence in output
    after = ask(app, "SELECT count(*) FROM divisions"), ask(app, "SELECT count(*) FROM imports")
    assert after == before


BOWTIE = {"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [2, 1], [1, 2], [1, 1]]]}
OPEN = {"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [2, 1]]]}
POINT = {"type": "Point", "coordinates": [1, 1]}
METRES = {"type": "Polygon", "coordinates": [[[5e5, 4e6], [6e5, 4e6], [6e5, 5e6], [5e5, 4e6]]]}
HUGE = {"type": "Polygon", "coordinates": [[[1, 1], [1e308, 1], [2, 1e308], [1, 1]]]}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (feature(BOWTIE, name="甲"), "not valid: Self-intersection"),
        (feature(OPEN, name="甲"), "not closed"),
        (feature(None, name="甲"), "no shape"),
        (feature(POINT, name="甲"), "is a Point"),
        (feature(METRES, name="甲"), "no degrees"),
        (feature(HUGE, name="甲"), "no degrees"),
        (square(1, 1), "neither a code nor a name"),
        (square(1, 1, name="甲", code="3799018"), "no code of a street"),
        (square(1, 1, name="甲", code="379901001"), "given already, in row 1"),
    ],
)
def test_a_bad_area_is_put_aside_with_its_reason(app, tmp_path, bad, reason):
    good = square(118.2, 36.6, code="379901001", name="澄湖街道")
    file = geojson(tmp_path / "a.geojson", good, bad)
    code, output = run(app, "import-areas", file, "--level", "street")
    assert (code, counted(output)) == (0, (2, 1, 1))
    assert reason in aside(output)[2]


def test_a_shape_too_large_to_be_opened_is_one_sentence(app, tmp_path):
    top = [[118 + n * 1e-7, 37] for n in range(1_000_000)]
    ring = [*top, [118.1, 36], [118, 37]]
    ground = feature({"type": "Polygon", "coordinates": [ring]}, name="甲")
    _, output = run(
        app, "import-areas", geojson(tmp_path / "a.geojson", ground), "--level", "street"
    )
    assert "holds a shape too large to be opened. Simplify it." in output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--map", "columns.kode = 'x'"), "“columns.kode” that means nothing"),
        (("--map", "colums = {}"), "“colums” that means nothing"),
        (("--map", "columns.name = 'nom'"), "no column “nom”"),
        (("--map", "columns.name = 3"), "must be a text"),
        (("--map", "columns = 3"), "must be a table"),
        (("--map", "layer = 3"), "must be a text"),
        (("--map", "layer = "), "is not TOML"),
    ],
)
def test_a_wrong_mapping_is_one_sentence_that_names_the_key(app, tmp_path, options, sentence):
    file = geojson(tmp_path / "a.geojson", square(118.2, 36.6, name="甲"))
    mapping = write(tmp_path / "m.toml", options[1])
    code, output = run(app, "import-areas", file, "--level", "street", "--map", mapping)
    assert code == 1
    assert sentence in output


def test_a_table_without_shapes_holds_no_areas(app, tmp_path):
    file = write(tmp_path / "t.csv", HEADER)
    code, output = run(app, "import-areas", file, "--level", "street")
    assert code == 1
    assert "holds no shapes" in output


def test_an_area_without_a_code_is_kept_with_a_warning_and_once(app, tmp_path):
    file = geojson(tmp_path / "a.geojson", square(119, 36, name="新街道", county="澄湖区"))
    for _ in range(2):
        _, output = run(app, "import-areas", file, "--level", "street")
        assert "澄湖区新街道 (row 1): no code, cannot hold cells until it has one" in output
    found = ask(app, "SELECT code, within FROM areas WHERE name = '新街道'")
    assert found == [(None, "澄湖区")]


def test_gcj02_areas_are_moved_and_twelve_digits_are_understood(app, tmp_path):
    file = geojson(tmp_path / "a.geojson", square(118.5, 36.5, adcode=379903000000, name="新区"))
    run(app, "import-areas", file, "--level", "district", "--coord-sys", "gcj02")
    ((west, name),) = ask(
        app,
        "SELECT ST_XMin(a.geom), d.name FROM areas a JOIN divisions d USING (code)"
        " WHERE code = '379903'",
    )
    assert west == pytest.approx(118.5 - 0.0057, abs=1e-3)
    assert name == "新区"


@pytest.fixture(scope="module")
def divided(app, tmp_path_factory):
    file = geojson(
        tmp_path_factory.mktemp("streets") / "a.geojson",
        square(118.5, 36.8, 0.013, code="379904001", name="东街道"),
        square(118.513, 36.8, 0.013, code="379904002", name="西街道"),
    )
    run(app, "import-areas", file, "--level", "street")
    with app.extensions["engine"].begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO base_features (layer, name, geom) VALUES ('road', '斜街',"
            " ST_GeomFromText('LINESTRING(118.49 36.801, 118.53 36.811)', 4490))"
        )
    code, output = run(app, "make-cells", "--within", "379904")
    assert code == 0, output
    return app


CELLS = "SELECT code FROM cells WHERE code LIKE '379904%' AND ended_on IS NULL"


def test_a_street_without_communities_gets_provisional_ones_of_at_most_90_cells(divided):
    groups = ask(
        divided,
        "SELECT d.name, count(c.code) FROM divisions d JOIN cells c ON c.community = d.code"
        " WHERE d.code LIKE '379904001%' GROUP BY d.code, d.name ORDER BY d.code",
    )
    assert [name for name, _ in groups] == ["东街道临时社区01", "东街道临时社区02"]
    assert all(40 <= count <= 90 for _, count in groups)
    assert ask(divided, "SELECT min(code) FROM cells WHERE code LIKE '379904%'") == [
        ("37990400160101",)
    ]


def test_no_cell_lies_on_both_sides_of_a_street(divided):
    crossed = ask(
        divided,
        "SELECT count(*) FROM cells c JOIN base_features b ON b.name = '斜街'"
        " WHERE c.code LIKE '379904%' AND ST_Intersects(ST_Buffer(c.geom, -1e-6), b.geom)",
    )
    assert crossed == [(0,)]


def test_new_cells_pass_their_check(divided):
    code, output = run(divided, "check-cells", "--within", "379904")
    assert (code, output.splitlines()[-1]) == (0, f"{len(ask(divided, CELLS))} cells, 0 faults")


def test_cells_made_again_end_the_former_and_take_new_codes(divided):
    before = set(ask(divided, CELLS))
    assert run(divided, "make-cells", "--within", "379904002")[0] == 0
    after = set(ask(divided, CELLS))
    assert {code for (code,) in after - before} == {
        code for (code,) in after if code.startswith("379904002")
    }
    assert len(ask(divided, "SELECT code FROM cells WHERE ended_on IS NOT NULL")) == len(
        before - after
    )
    assert run(divided, "check-cells", "--within", "379904")[0] == 0


def test_a_missing_cell_fails_the_check(divided):
    ((code,),) = ask(divided, CELLS + " LIMIT 1")
    change = f"UPDATE cells SET ended_on = current_date WHERE code = '{code}' RETURNING 1"
    with divided.extensions["engine"].begin() as connection:
        connection.exec_driver_sql(change)
    exit_code, output = run(divided, "check-cells", "--within", "379904")
    assert exit_code == 1
    assert f"Community {code[:12]} is not covered by cells on 1" in output
    assert output.endswith(" 1 faults\n")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--within", "4403"), "no street and no community"),
        (("--within", "379904001601"), "no street and no community"),
        (("--within", "379904001", "--target-area", "0"), "more than 0"),
        (("--within", "379904001", "--target-area", "20"), "no codes left"),
    ],
)
def test_cells_that_cannot_be_made_are_one_sentence(divided, options, sentence):
    before = ask(divided, CELLS)
    code, output = run(divided, "make-cells", *options)
    assert code == 1
    assert sentence in output
    assert ask(divided, CELLS) == before
