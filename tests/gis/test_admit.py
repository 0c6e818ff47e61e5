"""What strangers send is either a sound geometry or refused with a sentence."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.admit import MAX_VERTICES, NESTING, admit_geojson, admit_point, looks_swapped
from gis.crs import CoordSys, from_cgcs2000
from gis.faults import GeometryFault

SQUARE = [[116.0, 36.0], [116.01, 36.0], [116.01, 36.01], [116.0, 36.01], [116.0, 36.0]]
LIAOCHENG_BOX = (115.2, 35.7, 116.6, 37.1)


def square(**members):
    return {"type": "Polygon", "coordinates": [SQUARE], **members}


def line(*coordinates):
    return {"type": "LineString", "coordinates": list(coordinates)}


def test_a_point_is_admitted_in_the_stored_system():
    sent = from_cgcs2000(115.9853, 36.4568, CoordSys.GCJ02)
    assert admit_point(*sent, "gcj02").coords[0] == pytest.approx((115.9853, 36.4568), abs=1e-7)


@pytest.mark.parametrize(
    ("lon", "lat", "coord_sys", "sentence"),
    [
        ("116", 36.0, "wgs84", "as numbers"),
        (116.0, None, "wgs84", "as numbers"),
        (True, 36.0, "wgs84", "as numbers"),
        ([116.0], 36.0, "wgs84", "as numbers"),
        (116.0, math.nan, "wgs84", "not a finite number"),
        (math.inf, 36.0, "wgs84", "not a finite number"),
        (10**400, 36.0, "wgs84", "not a finite number"),
        (1e308, 36.0, "wgs84", "no longitude and latitude"),
        (36.0, 116.0, "wgs84", "no longitude and latitude"),
        (0, 0.0, "wgs84", "the device had none"),
        (-0.0, 0, "bd09", "the device had none"),
        (116.0, 36.0, "wgs72", "Use cgcs2000, wgs84, gcj02 or bd09"),
    ],
)
def test_a_position_that_is_none_is_refused(lon, lat, coord_sys, sentence):
    with pytest.raises(GeometryFault, match=sentence):
        admit_point(lon, lat, coord_sys)


@pytest.mark.parametrize(
    ("name", "coordinates"),
    [
        ("Point", [116.0, 36.0]),
        ("Point", [116.0, 36.0, 31.5]),
        ("MultiPoint", [[116.0, 36.0], [116.1, 36.0]]),
        ("LineString", [[116.0, 36.0], [116, 37]]),
        ("MultiLineString", [[[116.0, 36.0], [116.1, 36.0]]]),
        ("Polygon", [SQUARE]),
        ("MultiPolygon", [[SQUARE]]),
    ],
)
def test_each_type_is_admitted_as_text_bytes_and_mapping(name, coordinates):
    document = {"type": name, "coordinates": coordinates}
    forms = [document, json.dumps(document), json.dumps(document).encode()]
    admitted = [admit_geojson(form, types=NESTING) for form in forms]
    assert {(g.geom_type, g.has_z, g.wkt) for g in admitted} == {(name, False, admitted[0].wkt)}


def test_a_geometry_is_admitted_in_the_stored_system():
    sent = [list(from_cgcs2000(*place, CoordSys.BD09)) for place in SQUARE]
    admitted = admit_geojson(square(coordinates=[sent]), types=["Polygon"], coord_sys="bd09")
    assert admitted.bounds == pytest.approx((116.0, 36.0, 116.01, 36.01), abs=1e-7)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ("", "not valid GeoJSON"),
        ("{", "not valid GeoJSON"),
        (b"\xff\xfe", "not valid GeoJSON"),
        ("[" * 100_000, "not valid GeoJSON"),
        ('{"type": "LineString", "coordinates": [[NaN, 36]]}', "not valid GeoJSON"),
        ('{"type": "LineString", "coordinates": [[1e400, 36]]}', "not a finite number"),
        (" " * 2_000_001, "larger than 2000000 bytes"),
        ("[116, 36]", "one GeoJSON geometry"),
        ("null", "one GeoJSON geometry"),
        (square(crs={"type": "name"}), "Leave out the crs member"),
        ({"coordinates": [116, 36]}, "type None cannot be taken"),
        ({"type": ["Point"], "coordinates": [116, 36]}, "cannot be taken"),
        ({"type": "Point", "coordinates": [116, 36]}, "Send one of: LineString, Polygon"),
        ({"type": "GeometryCollection", "geometries": []}, "cannot be taken"),
        ({"type": "Polygon"}, "empty or not nested"),
        (square(coordinates=[]), "empty or not nested"),
        (square(coordinates=SQUARE), "empty or not nested"),
        (square(coordinates=[[SQUARE]]), "as numbers|longitude and latitude, and nothing"),
        (square(coordinates={"0": SQUARE}), "empty or not nested"),
        (line([116.0, 36.0], ["116.1", 36.0]), "as numbers"),
        (line([116.0, 36.0], [True, 36.0]), "as numbers"),
        (line([116.0, 36.0], [36.0, 116.0]), "no longitude and latitude"),
        (line([116.0], [116.1]), "longitude and latitude, and nothing"),
        (line([116.0, 36.0, 1, 2], [116.1, 36.0, 1, 2]), "longitude and latitude, and nothing"),
        (line([116.0, 36.0]), "do not make a LineString"),
        (line([116.0, 36.0], [116.0, 36.0]), "not valid"),
        (line([-179.0, 36.0], [179.0, 36.0]), "spans more than 5.0 degrees"),
        (square(coordinates=[SQUARE[:-1]]), "ring is not closed"),
        (square(coordinates=[[SQUARE[0]] * 3]), "ring is not closed"),
        (
            square(coordinates=[[SQUARE[i] for i in (0, 2, 1, 3, 0)]]),
            r"not valid: Self-intersection",
        ),
        (line(*[[116.0, 36.0]] * (MAX_VERTICES + 1)), "more than 10000 vertices"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_geometry_that_is_not_sound_is_refused(document, sentence):
    with pytest.raises(GeometryFault, match=sentence):
        admit_geojson(document, types=["LineString", "Polygon"])


def test_a_nest_two_hundred_deep_is_refused():
    nest: list[object] = [116.0, 36.0]
    for _ in range(200):
        nest = [nest]
    with pytest.raises(GeometryFault):
        admit_geojson({"type": "MultiPolygon", "coordinates": nest}, types=["MultiPolygon"])


def test_a_ring_with_heights_on_some_positions_only_is_refused():
    ragged = [[*SQUARE[0], 5.0], *SQUARE[1:-1], [*SQUARE[0], 5.0]]
    with pytest.raises(GeometryFault, match="do not make a Polygon"):
        admit_geojson(square(coordinates=[ragged]), types=["Polygon"])


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(name=st.sampled_from([*NESTING, "Feature"]), coordinates=json_values)
def test_nothing_but_a_geometry_fault_comes_out_of_the_gate(name, coordinates):
    with suppress(GeometryFault):
        admitted = admit_geojson({"type": name, "coordinates": coordinates}, types=NESTING)
        assert admitted.is_valid
        assert not admitted.is_empty


@pytest.mark.parametrize(
    ("lon", "lat", "swapped"),
    [(36.45, 115.98, True), (115.98, 36.45, False), (8.54, 47.37, False)],
)
def test_a_position_with_latitude_first_is_noticed(lon, lat, swapped):
    assert looks_swapped(lon, lat, LIAOCHENG_BOX) is swapped
