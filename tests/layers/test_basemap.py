"""The base map from files: what belongs on it, what is united, replaced, put aside and undone."""

import json

import pytest
from sqlalchemy import text

from app.layers import tagging
from tests.city import SOUTH, WEST, Program
from tests.importing import house
from tests.layers.test_tiles import fetch
from tests.layers.working import base, collection, feature, polygon, square, work

OSM = f"""<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="{SOUTH}" lon="{WEST}" version="1"/>
<node id="2" lat="{SOUTH + 0.001}" lon="{WEST + 0.001}" version="1"/>
<node id="3" lat="{SOUTH + 0.001}" lon="{WEST}" version="1"/>
<node id="4" lat="{SOUTH + 0.0006}" lon="{WEST + 0.0006}" version="1">
 <tag k="amenity" v="school"/><tag k="name" v="Liu School"/><tag k="name:zh" v="柳园小学"/></node>
<node id="5" lat="{SOUTH}" lon="{WEST + 0.003}" version="1">
 <tag k="addr:housenumber" v="12"/><tag k="addr:street" v="柳园路"/></node>
<node id="6" lat="{SOUTH}" lon="{WEST + 0.004}" version="1"><tag k="amenity" v="bench"/></node>
<way id="10" version="1"><nd ref="1"/><nd ref="2"/>
 <tag k="highway" v="primary"/><tag k="name" v="东昌路"/></way>
<way id="11" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="footway"/></way>
<way id="12" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
 <tag k="building" v="yes"/><tag k="addr:housenumber" v="8"/><tag k="height" v="21"/></way>
</osm>""".encode()


@pytest.fixture(scope="module")
def app(template, tmp_path_factory):
    yield from house(template, tmp_path_factory.mktemp("basemap"))


@pytest.fixture
def admin(app):
    return Program(app, "admin")


def rows(app, layer=None):
    with app.extensions["engine"].connect() as connection:
        found = connection.execute(
            text(
                "SELECT layer, cls, name, tags, ST_AsText(geom, 6) AS shape FROM base_features"
                " WHERE CAST(:layer AS text) IS NULL OR layer = :layer"
                " ORDER BY layer, cls, name, shape"
            ),
            {"layer": layer},
        )
        return [dict(row._mapping) for row in found]


def undo(app, admin, job):
    answer = admin.post(f"/api/v1/base-imports/{job['result']['base_import']}/undo", {})
    if answer.status_code == 201:
        assert work(app, admin, answer.json["job"])["state"] == "done"
    return answer


def test_osm_becomes_roads_houses_and_points_with_their_tags(app, admin):
    before = rows(app)
    job = base(app, admin, "osm", ("a.osm", "osm", OSM), replaces="nothing")
    assert (job["state"], job["result"]["stored"]) == ("done", 5)
    found = {(row["layer"], row["cls"]): row for row in rows(app) if row not in before}
    assert set(found) == {
        ("road", "trunk"),
        ("path", "path"),
        ("building", "yes"),
        ("poi", "school"),
        ("poi", "address"),
    }
    assert found["poi", "school"]["name"] == "柳园小学"
    assert found["poi", "address"]["tags"] == {"addr:housenumber": "12", "addr:street": "柳园路"}
    house_tags = {"building": "yes", "addr:housenumber": "8", "height": "21"}
    assert found["building", "yes"]["tags"] == house_tags
    assert undo(app, admin, job).status_code == 201
    assert rows(app) == before


def test_what_an_import_replaces_comes_back_when_it_is_undone(app, admin):
    before = rows(app)
    line = feature("LineString", [[WEST + 2e-3, SOUTH + 5e-4], [WEST + 4e-3, SOUTH + 2e-3]])
    job = base(app, admin, "survey", ("roads.geojson", "road", collection(line)))
    assert job["result"]["retired"] == 1
    pieces = [row for row in rows(app, "road") if row["name"] == "柳园路"]
    # The street goes on outside the box of the survey, on both sides.
    assert len(pieces) == 1
    assert pieces[0]["shape"].startswith("MULTILINESTRING")
    assert undo(app, admin, job).status_code == 201
    assert rows(app) == before


def test_an_import_under_a_later_one_is_not_undone(app, admin):
    first = base(app, admin, "a", ("a.osm", "osm", OSM), replaces="nothing")
    second = base(app, admin, "b", ("a.osm", "osm", OSM), replaces="all")
    answer = undo(app, admin, first)
    assert (answer.status_code, "“b”" in answer.json["detail"]) == (409, True)
    assert undo(app, admin, second).status_code == undo(app, admin, first).status_code == 201
    assert undo(app, admin, first).status_code == 404


def test_an_import_is_taken_back_once_however_often_it_is_asked_for(app, admin):
    job = base(app, admin, "a", ("a.osm", "osm", OSM), replaces="nothing")
    at = f"/api/v1/base-imports/{job['result']['base_import']}/undo"
    first, again = admin.post(at, {}), admin.post(at, {})
    assert (first.status_code, again.status_code) == (201, 409)
    assert work(app, admin, first.json["job"])["state"] == "done"
    assert admin.post(at, {}).status_code == 404


def test_a_source_imported_again_replaces_itself_alone(app, admin):
    before = len(rows(app))
    first = base(app, admin, "osm", ("a.osm", "osm", OSM), replaces="nothing")
    second = base(app, admin, "osm", ("a.osm", "osm", OSM), replaces="source")
    assert second["result"]["retired"] == 5
    assert len(rows(app)) == before + 5
    undo(app, admin, second)
    undo(app, admin, first)


def test_pieces_cut_at_tile_edges_become_one_feature(app, admin):
    west, east = square(WEST, SOUTH, 4e-4, id=7, name=""), square(WEST + 4e-4, SOUTH, 4e-4, id=7)
    road = [feature("LineString", [[WEST + n * 1e-3, SOUTH], [WEST + (n + 1) * 1e-3, SOUTH]],
                    id=9, kind="major_road", name="柳园南路") for n in range(3)]  # fmt: skip
    files = [("b.geojson", "building", collection(west, east)),
             ("r.geojson", "road", collection(*road))]  # fmt: skip
    job = base(app, admin, "tiles", *files, replaces="nothing")
    assert (job["result"]["united"], job["result"]["stored"]) == (5, 2)
    named = [row for row in rows(app, "road") if row["name"] == "柳园南路"]
    assert len(named) == 1
    assert named[0]["shape"].startswith("LINESTRING")
    assert "POLYGON" in rows(app, "building")[0]["shape"]
    undo(app, admin, job)


BOW = [[WEST, SOUTH], [WEST + 4e-4, SOUTH + 4e-4], [WEST + 4e-4, SOUTH], [WEST, SOUTH + 4e-4],
       [WEST, SOUTH]]  # fmt: skip


@pytest.mark.parametrize(("repair", "stored", "aside"), [(False, 1, 1), (True, 2, 0)])
def test_a_repair_is_taken_only_where_it_is_asked_for(app, admin, repair, stored, aside):
    file = collection(polygon(BOW), square(WEST + 1e-3, SOUTH))
    job = base(app, admin, "x", ("b.geojson", "building", file), repair=repair, replaces="nothing")
    told = job["result"]
    assert (told["stored"], told["quarantined"], told["repairable"]) == (stored, aside, 1)
    undo(app, admin, job)


def test_a_file_without_anything_for_a_map_is_refused_and_changes_nothing(app, admin):
    before = rows(app)
    file = collection(feature("Point", [WEST, SOUTH], amenity="bench"))
    job = base(app, admin, "x", ("p.geojson", "poi", file))
    assert job["state"] == "refused"
    assert "p.geojson" in job["error"]
    job = base(app, admin, "x", ("p.geojson", "osm", file))
    assert (job["state"], rows(app) == before) == ("refused", True)


@pytest.mark.parametrize(
    "body",
    [
        {"source": "x"},
        {"source": "x", "sheets": []},
        {"source": "x", "sheets": [{"upload": "nothing", "holds": "road"}]},
        {"source": "x", "sheets": [{"holds": "road"}]},
        {"source": "x", "sheets": ["road"]},
        {"source": "x", "sheets": [{"upload": str(WEST), "holds": "gold"}]},
        {"source": "x", "sheets": [{}] * 13},
    ],
)
def test_an_import_that_makes_no_sense_is_refused_at_once(admin, body):
    assert admin.post("/api/v1/base-imports", body).status_code == 422


def test_a_tile_names_houses_and_schools_only_from_near(app, admin):
    job = base(app, admin, "osm", ("a.osm", "osm", OSM), replaces="nothing")
    assert "柳园小学".encode() in fetch(admin, "base", 15).data
    assert "柳园小学".encode() not in fetch(admin, "base", 14).data
    undo(app, admin, job)


@pytest.mark.parametrize(
    ("tags", "dimension", "expected"),
    [
        ({"highway": "motorway", "name": "G22"}, 1, ("road", "trunk")),
        ({"highway": "residential"}, 1, ("road", "street")),
        ({"highway": "service"}, 1, ("road", "lane")),
        ({"highway": "footway"}, 1, ("path", "path")),
        ({"railway": "subway"}, 1, ("rail", "subway")),
        ({"waterway": "river"}, 1, ("water", "river")),
        ({"natural": "water"}, 2, ("water", "lake")),
        ({"natural": "water"}, 1, None),
        ({"leisure": "park"}, 2, ("green", "park")),
        ({"building": "yes", "amenity": "school", "name": "x"}, 2, ("building", "yes")),
        ({"building": "no"}, 2, None),
        ({"place": "suburb", "name": "x"}, 0, ("place", "street")),
        ({"amenity": "hospital", "name": "x"}, 2, ("poi", "hospital")),
        ({"amenity": "hospital"}, 0, None),
        ({"shop": "tea", "name": "x"}, 0, ("poi", "shop")),
        ({"addr:housenumber": "3"}, 0, ("poi", "address")),
        ({"highway": "crossing"}, 0, None),
        ({}, 1, None),
    ],
)
def test_what_a_feature_is_follows_from_its_tags(tags, dimension, expected):
    found = tagging.known(tags, dimension)
    assert (found and (found.layer, found.cls)) == expected


@pytest.mark.parametrize("holds", tagging.SURVEYED)
def test_a_survey_without_classes_is_taken_for_what_it_is_said_to_hold(holds):
    dimension = max(tagging.DIMENSIONS[holds])
    found = tagging.surveyed(holds, "", {"name": "x"}, dimension)
    assert found is not None
    assert found.layer == holds


def test_chinese_names_are_preferred():
    assert tagging.called({"name": "Bund", "name:zh": "外滩", "name:en": "Bund"}) == "外滩"
    assert tagging.called({"name:en": "Bund"}) == "Bund"


def test_only_useful_tags_are_kept():
    kept = tagging.stored({"name": "x", "addr:city": "y", "note": "z", "height": ""})
    assert json.dumps(kept) == '{"name": "x", "addr:city": "y"}'
