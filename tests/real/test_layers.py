"""Layers and base maps of real files: OSM extracts, Lujiazui, three other systems, datums."""

import resource
import time

import pytest
from sqlalchemy import text

from tests.city import Program
from tests.importing import DATA, ask
from tests.layers.working import base, draft, new_layer

BASEMAP, BOUNDARIES, PIPES = DATA / "basemap", DATA / "boundaries", DATA / "pipes"
LUJIAZUI = {"roads": "road", "buildings": "building", "water": "water", "landuse": "green",
            "pois": "poi", "places": "place"}  # fmt: skip
MOST_MIB = 300


@pytest.fixture(scope="module")
def admin(app):
    return Program(app, "admin")


def kinds(job):
    found = {}
    for one in job["result"]["kinds"]:
        found[one["layer"]] = found.get(one["layer"], 0) + one["n"]
    return found


def osm(app, admin, name, **how):
    return base(app, admin, name, (name, "osm", BASEMAP / name), **how)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("shenzhen_hitechpark_osm_20210317.osm.xml.gz", {"building": 420, "road": 700, "poi": 180}),
        ("helsinki_core.osm.pbf", {"building": 450, "road": 900, "poi": 2000, "path": 1300}),
        ("baltimore_sample.osm.pbf", {"building": 1700, "road": 3200, "poi": 1100}),
        ("paris_11e_sample.osm.pbf", {"road": 500, "poi": 300}),
        ("singapore_bayfront.osm.pbf", {"road": 50}),
        ("kouvola_residential.osm.pbf", {"building": 400, "road": 150}),
    ],
)
def test_an_extract_of_openstreetmap_becomes_a_base_map(app, admin, name, least):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    job = osm(app, admin, name)
    assert job["state"] == "done", job
    found = kinds(job)
    assert {kind: n for kind, n in least.items() if found.get(kind, 0) < n} == {}
    assert time.monotonic() - begun < 60
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < MOST_MIB
    assert ask(app, "SELECT count(*) FROM base_features WHERE NOT ST_IsValid(geom)") == [(0,)]


def test_house_numbers_of_helsinki_can_be_harvested(app, admin):
    osm(app, admin, "helsinki_core.osm.pbf", replaces="all")
    ((numbers, streets),) = ask(
        app,
        "SELECT count(*), count(DISTINCT tags ->> 'addr:street') FROM base_features"
        " WHERE tags ? 'addr:housenumber'",
    )
    assert numbers > 1_300
    assert streets > 75


def test_lujiazui_is_one_map_of_whole_features(app, admin):
    files = [(f"{n}.geojson.gz", kind, BASEMAP / f"shanghai_lujiazui_{n}.geojson.gz")
             for n, kind in LUJIAZUI.items()]  # fmt: skip
    job = base(app, admin, "陆家嘴", *files, replaces="all")
    found = kinds(job)
    assert found["building"] > 1_250
    assert 600 < found["road"] < 800
    assert job["result"]["united"] > 1_200
    ((named,),) = ask(
        app, "SELECT count(*) FROM base_features WHERE layer = 'road' AND name ~ '[一-鿿]'"
    )
    assert named > 380
    assert ask(app, "SELECT count(*) FROM base_features WHERE name = '上海中心大厦'")[0][0] >= 1


@pytest.mark.parametrize(
    ("folder", "name", "crs", "box"),
    [
        (BOUNDARIES, "zurich_statistical_quarters_epsg2056.gpkg", "EPSG:2056",
         (8.44, 47.31, 8.63, 47.44)),
        (PIPES, "ky4_pipes.geojson.gz", "EPSG:3547", (-89.0, 36.0, -82.0, 39.5)),
    ],
)  # fmt: skip
def test_a_file_in_metres_or_feet_lands_where_it_belongs(app, admin, folder, name, crs, box):
    layer = new_layer(admin)
    job = draft(app, admin, layer, name, folder / name)
    assert job["state"] == "done", job
    version = admin.get(f"/api/v1/layers/{layer}").json["all_versions"][0]
    assert version["crs"] == crs
    west, south, east, north = version["report"]["bbox"]
    assert box[0] <= west <= east <= box[2]
    assert box[1] <= south <= north <= box[3]


def test_the_big_footprints_of_shenzhen_are_stored_and_the_invalid_offered_repaired(app, admin):
    layer = new_layer(admin)
    name = "shenzhen_nanshan_buildings_by_height.geojson.gz"
    told = draft(app, admin, layer, name, BASEMAP / name, coord_sys="gcj02")["result"]
    assert (told["read"], told["quarantined"]) == (10, 2)
    version = admin.get(f"/api/v1/layers/{layer}").json["all_versions"][0]
    assert version["report"]["repairable"] == 2


@pytest.mark.parametrize(("code", "county"), [("110101", "东城区"), ("110102", "西城区")])
def test_gcj02_outlines_cover_the_streets_of_beijing(app, admin, code, county):
    streets, outline = new_layer(admin), new_layer(admin)
    name = "beijing_streets_331.geojson.gz"
    first = draft(app, admin, streets, name, BOUNDARIES / name, coord_sys="wgs84")["result"]
    name = f"beijing_{code}_datav_gcj02.geojson"
    second = draft(app, admin, outline, name, BOUNDARIES / name, coord_sys="gcj02")["result"]
    with app.extensions["engine"].begin() as connection:
        share = connection.execute(
            text(
                "SELECT ST_Area(ST_Intersection(a.g, b.g)) / ST_Area(ST_Union(a.g, b.g))"
                " FROM (SELECT ST_Union(geom) AS g FROM layer_features WHERE version_id = :streets"
                "  AND attributes ->> 'county' = :county) a,"
                " (SELECT ST_Union(geom) AS g FROM layer_features WHERE version_id = :outline) b"
            ),
            {"streets": first["version"], "outline": second["version"], "county": county},
        ).scalar()
    assert share >= 0.98
