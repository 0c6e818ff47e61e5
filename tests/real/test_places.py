"""The whole country's tree, Beijing's streets, Liaocheng's districts, and cells for Dongcheng."""

import pytest
import shapely

from app.places import areas
from tests.city import Program
from tests.importing import DATA, aside, ask, counted, run

ADMIN, BOUNDARIES = DATA / "admin", DATA / "boundaries"


@pytest.fixture(scope="module")
def streets(app):
    code, output = run(
        app, "import-areas", BOUNDARIES / "beijing_streets_331.geojson.gz", "--level", "street"
    )
    return code, output


def test_all_679640_divisions_of_the_country_are_stored(app):
    _, output = run(app, "import-divisions", ADMIN / "china_5level_2020.csv.xz")
    assert counted(output) == (679_640, 679_640, 0)
    assert "warning" not in output
    assert ask(app, "SELECT name FROM divisions WHERE code = '653126100039'") == [("茶花社区",)]
    levels = ask(
        app,
        "SELECT level, count(*) FROM divisions WHERE NOT starts_with(code, '3799') AND name"
        " <> '齐州省' OR code = '37' GROUP BY level ORDER BY level",
    )
    assert levels == [(1, 34), (2, 362), (3, 3_651), (4, 41_613), (5, 633_980)]


def test_one_city_is_imported_over_the_country(app):
    _, output = run(app, "import-divisions", ADMIN / "liaocheng_3715_5level_2020.csv")
    assert counted(output) == (6_044, 6_044, 0)


def test_331_streets_are_stored_and_seven_of_them_have_no_code(app, streets):
    code, output = streets
    assert (code, counted(output)) == (0, (331, 331, 0))
    assert output.count("no code, cannot hold cells until it has one") == 7
    found = "SELECT count(*), count(code) FROM areas WHERE level = 'street'"
    assert ask(app, found) == [(331, 324)]


def test_streets_imported_again_are_the_same_331(app, streets):
    file = BOUNDARIES / "beijing_streets_331.geojson.gz"
    run(app, "import-areas", file, "--level", "street")
    assert ask(app, "SELECT count(*) FROM areas WHERE level = 'street'") == [(331,)]


def test_the_district_that_crosses_itself_is_put_aside_with_the_place(app):
    file = BOUNDARIES / "liaocheng_371500_districts_datav_2022_gcj02.geojson"
    _, output = run(app, "import-areas", file, "--level", "district", "--coord-sys", "gcj02")
    assert counted(output) == (8, 7, 1)
    assert aside(output)[4].startswith("The shape is not valid: Self-intersection[115.50")


def test_gcj02_districts_come_to_lie_on_their_streets(app, streets):
    file = BOUNDARIES / "beijing_110101_datav_gcj02.geojson"
    run(app, "import-areas", file, "--level", "district", "--coord-sys", "gcj02")
    ((share,),) = ask(
        app,
        "SELECT ST_Area(ST_Intersection(d.geom, s.geom)) / ST_Area(ST_Union(d.geom, s.geom))"
        " FROM areas d, (SELECT ST_Union(geom) AS geom FROM areas"
        "  WHERE level = 'street' AND within = '东城区') s WHERE d.code = '110101'",
    )
    assert share > 0.98


def test_arcs_of_a_projected_map_become_polygons_in_zurich(app):
    file = BOUNDARIES / "zurich_statistical_quarters_epsg2056.gpkg"
    _, output = run(app, "import-areas", file, "--level", "community")
    assert counted(output) == (22, 22, 0)
    box = ask(app, "SELECT ST_Extent(geom)::text FROM areas WHERE level = 'community'"
              " AND code IS NULL")[0][0]  # fmt: skip
    assert box.startswith("BOX(8.4")
    assert " 47." in box


def test_dongcheng_is_divided_into_about_4200_cells_without_a_fault(app, streets):
    code, output = run(app, "make-cells", "--within", "110101")
    assert code == 0
    assert 4_000 < int(output.split()[0]) < 4_400
    ((most,),) = ask(
        app,
        "SELECT max(n) FROM (SELECT count(*) AS n FROM cells WHERE code LIKE '110101%'"
        " GROUP BY community) c",
    )
    assert most <= 90
    code, output = run(app, "check-cells", "--within", "110101")
    assert (code, output.splitlines()[-1].split(" cells, ")[1]) == (0, "0 faults")


def test_dongcheng_passes_its_check_after_it_was_edited_and_undone(app, streets):
    admin = Program(app, "admin")
    ((code, community, x, y),) = ask(
        app,
        "SELECT code, community, ST_X(p), ST_Y(p) FROM (SELECT code, community,"
        " ST_Centroid(geom) AS p FROM cells WHERE code LIKE '110101%' AND ended_on IS NULL"
        " ORDER BY area_m2 DESC, code LIMIT 1) c",
    )
    line = [[x - 0.01, y], [x + 0.01, y + 0.0001]]
    body = {"verb": "split", "cells": [code], "line": line}
    done = admin.post("/api/v1/cells/edits", body)
    assert done.status_code == 201, done.text
    merged = admin.post("/api/v1/cells/edits", {"verb": "merge", "cells": done.json["begun"][:2]})
    assert merged.status_code in {201, 422}
    if merged.status_code == 201:
        assert admin.post(f"/api/v1/cells/edits/{merged.json['id']}/undo", {}).status_code == 201
    assert admin.post(f"/api/v1/cells/edits/{done.json['id']}/undo", {}).status_code == 201
    exit_code, output = run(app, "check-cells", "--within", community)
    assert (exit_code, output.splitlines()[-1].split(" cells, ")[1]) == (0, "0 faults")


def test_dongcheng_divided_anew_by_parts_passes_too_and_keeps_the_lineage(app, streets):
    street = "110101001"
    before = ask(app, f"SELECT count(*) FROM cells WHERE code LIKE '{street}%'")[0][0]
    code, output = run(app, "make-cells", "--within", street, "--balanced")
    assert code == 0, output
    code, output = run(app, "check-cells", "--within", street)
    assert (code, output.splitlines()[-1].split(" cells, ")[1]) == (0, "0 faults")
    after = "SELECT count(DISTINCT old) FROM cell_lineage WHERE old LIKE :street || '%'"
    assert ask(app, after, street=street)[0][0] >= before


def test_the_district_that_crosses_itself_has_a_repair_to_look_at(app):
    file = BOUNDARIES / "liaocheng_371500_districts_datav_2022_gcj02.geojson"
    with app.extensions["sessions"].begin() as session:
        found = areas.import_areas(
            session,
            file,
            level="district",
            coord_sys="gcj02",
            mapping=None,
            folder=app.config["DATA"],
        )
    (proposal,) = found.proposals
    assert (proposal["row"], proposal["name"]) == (4, "莘县")
    repaired = shapely.geometry.shape(proposal["geometry"])
    assert repaired.is_valid
    assert 1.3e9 < proposal["area_m2"] < 1.5e9
    stored = ask(app, "SELECT count(*) FROM areas WHERE code = :code", code=proposal["code"])
    assert stored == [(0,)]
