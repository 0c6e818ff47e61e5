"""Addresses of real cities: how well they are split, brought in, found."""

import pytest
from sqlalchemy import text

from app.places.addresses import finding, splitter
from tests.importing import DATA, run

KINDS = {"streets": "roads", "doors": "buildings", "places": "pois", "tracts": "landuse"}
ASKED = [
    ("滨江大道2727号", "滨江大道2727号", "plate"),
    ("世纪大道８号", "世纪大道8号", "plate"),
    ("世纪大到8号", "世纪大道8号", "plate"),
    ("东昌路５１８号", "东昌路518号", "plate"),
    ("东昌路508号", "东昌路508号", "interpolated"),
    ("浦东南路", "浦东南路", "street"),
    ("上海国际会议中心", "上海国际会议中心", "poi"),
    ("人民英雄纪念塔", "人民英雄纪念塔", "poi"),
    ("sjdd100", "世纪大道100号", "plate"),
    ("dfmz", "东方明珠电视塔", "poi"),
    ("世纪大道与浦东南路交叉口", "世纪大道与浦东南路交叉口", "crossing"),
    ("陆家嘴环路和世纪大道路口", "世纪大道与陆家嘴环路交叉口", "crossing"),
]


@pytest.fixture(scope="module")
def lujiazui(app):
    """Return a session on a city that has only the addresses of Lujiazui."""
    for holds, name in KINDS.items():
        file = DATA / "basemap" / f"shanghai_lujiazui_{name}.geojson.gz"
        code, output = run(app, "import-addresses", file, "--holds", holds)
        assert code == 0, output
    with app.extensions["sessions"]() as session:
        yield session


@pytest.mark.parametrize(("query", "label", "precision"), ASKED, ids=[a[0] for a in ASKED])
def test_lujiazui_is_found_by_what_people_call_it(lujiazui, query, label, precision):
    best = finding.geocode(lujiazui, query)[0]
    assert (best.label, best.precision) == (label, precision)


def test_every_door_of_lujiazui_is_found_by_its_own_name(lujiazui):
    names = lujiazui.scalars(text("SELECT DISTINCT name FROM addresses WHERE type = 'plate'")).all()
    best = {name: finding.geocode(lujiazui, name)[0].label for name in names}
    assert len(names) > 130
    assert {name for name, found in best.items() if found != name} == set()


@pytest.mark.parametrize(
    ("part", "f1", "whole"), [("train", 0.89, 0.65), ("dev", 0.875, 0.61)], ids=["train", "dev"]
)
def test_addresses_are_split_as_people_would(part, f1, whole):
    examples = splitter.read_examples(DATA / "addresses" / f"zh_address_labelled_{part}.txt.gz")
    found = splitter.judge(examples, without=("redundant",))
    assert found.f1 >= f1
    assert found.whole >= whole
