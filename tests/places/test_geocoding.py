"""From words to places and back, on a small town with two streets that cross."""

import pytest
import shapely
from shapely import LineString, Point, Polygon
from sqlalchemy import text

from app.places.addresses import finding, imports, queries
from tests.city import Program

WEST, SOUTH = 118.2, 36.6
LIUYUAN = LineString([(118.2005, 36.6005), (118.2115, 36.6005)])
DONGCHANG = LineString([(118.2055, 36.5985), (118.2055, 36.6035)])
METRE_LON, METRE_LAT = 1 / 89_400, 1 / 110_950


def at(x, y):
    """Return the point ``x`` metres east and ``y`` metres north of the town's corner."""
    return Point(WEST + x * METRE_LON, SOUTH + y * METRE_LAT)


def told(**said):
    names = ("name", "alias", "former", "street", "number", "category")
    return {name: said.get(name) for name in names}


def town():
    yield "streets", told(name="柳园南路", former="兴隆街"), LIUYUAN
    yield "streets", told(name="东昌路", alias="东昌大道"), DONGCHANG
    for number in (1, 3, 5, 9, 11, 21):
        yield "doors", told(street="柳园南路", number=f"{number}号"), at(50 + 20 * number, 75)
    for number in (2, 4, 10):
        yield "doors", told(street="柳园南路", number=str(number)), at(50 + 20 * number, 35)
    yield (
        "doors",
        told(street="东昌路", number="12-3", name="光岳楼", category="tower"),
        at(505, 220),
    )
    yield "places", told(name="东昌百货大楼", category="shop"), at(300, 150)
    yield (
        "tracts",
        told(name="荷塘小区"),
        Polygon([(118.209, 36.602), (118.211, 36.602), (118.211, 36.6035), (118.209, 36.6035)]),
    )


@pytest.fixture(scope="module")
def filled(app):
    """Return sessions on the worker's city with the town's addresses in it."""
    sessions = app.extensions["sessions"]
    with sessions.begin() as session:
        imports.take(session, town(), source="surveyed")
    yield sessions
    with sessions.begin() as session:
        session.execute(text("DELETE FROM addresses WHERE street IS NOT NULL"))
        session.execute(text("DELETE FROM addresses"))


ASKED = [
    ("柳园南路5号", "柳园南路5号", "plate"),
    ("柳园南路五号", "柳园南路5号", "plate"),
    ("柳园南路 ２１ ＃", "柳园南路21号", "plate"),
    ("澄湖区柳园南路11号（东门）", "柳园南路11号", "plate"),
    ("柳园南路7号", "柳园南路7号", "interpolated"),
    ("柳园南路6号", "柳园南路6号", "interpolated"),
    ("柳园南路", "柳园南路", "street"),
    ("柳园南路900号", "柳园南路", "street"),
    ("兴隆街3号", "柳园南路3号", "plate"),
    ("东昌大道12-3号", "东昌路12-3号", "plate"),
    ("柳园南路与东昌路交叉口", "柳园南路与东昌路交叉口", "crossing"),
    ("东昌路柳园南路路口", "柳园南路与东昌路交叉口", "crossing"),
    ("兴隆街和东昌大道口", "柳园南路与东昌路交叉口", "crossing"),
    ("光岳楼", "光岳楼", "poi"),
    ("光岳楼北侧", "光岳楼", "poi"),
    ("东昌百货", "东昌百货大楼", "poi"),
    ("荷塘小区3号楼2单元", "荷塘小区", "tract"),
    ("lynl", "柳园南路", "street"),
    ("lynl5", "柳园南路5号", "plate"),
    ("liuyuannanlu 5号", "柳园南路5号", "plate"),
    ("gyl", "光岳楼", "poi"),
    ("柳圆南路5号", "柳园南路5号", "plate"),
    ("柳园南陆11号", "柳园南路11号", "plate"),
    ("光岳搂", "光岳楼", "poi"),
    ("云门区", "云门区", "region"),
    ("37990100100101", "37990100100101", "code"),
]


@pytest.mark.parametrize(("query", "label", "precision"), ASKED, ids=[a[0] for a in ASKED])
def test_the_first_answer_is_the_place_that_was_meant(filled, query, label, precision):
    with filled() as session:
        best = finding.geocode(session, query)[0]
    names = set(label.replace("交叉口", "").split("与"))
    assert set(best.label.replace("交叉口", "").split("与")) == names
    assert best.precision == precision


def test_a_number_between_two_doors_lies_between_them_on_their_side_of_the_street(filled):
    with filled() as session:
        odd, even = (finding.geocode(session, f"柳园南路{n}号")[0] for n in (7, 6))
    assert at(190, 75).distance(Point(odd.lon, odd.lat)) < 2 * METRE_LAT
    assert at(170, 35).distance(Point(even.lon, even.lat)) < 2 * METRE_LAT


def test_every_answer_is_scored_between_nothing_and_one_and_the_best_comes_first(filled):
    with filled() as session:
        scores = [hit.score for hit in finding.geocode(session, "澄湖区柳园南路5号光岳楼")]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_place_in_another_district_than_the_one_named_scores_less(filled):
    with filled() as session:
        right = finding.geocode(session, "澄湖区柳园南路5号")[0]
        wrong = finding.geocode(session, "云门区柳园南路5号")[0]
    assert right.label == wrong.label == "柳园南路5号"
    assert right.score - wrong.score == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("query", ["不存在的地方", "！！！", "%", "_", "'", "a" * 200, "9" * 80])
def test_what_nobody_knows_is_answered_with_little_or_nothing(filled, query):
    with filled() as session:
        assert all(hit.score < 0.6 for hit in finding.geocode(session, query))


def test_streets_meet_once_where_they_cross(filled):
    with filled() as session:
        rows = session.execute(
            text("SELECT one, other, ST_AsText(point, 4) AS place FROM crossings")
        ).all()
    assert {row.place for row in rows} == {"POINT(118.2055 36.6005)"}
    assert {(row.other, row.one) for row in rows} == {(row.one, row.other) for row in rows}


SAID = [
    (at(150, 78), "柳园南路5号"),
    (at(150, 105), "柳园南路5号北约30米"),
    (at(370, 150), "东昌百货大楼东约70米"),
    (at(492, 5), "柳园南路与东昌路交叉口南约50米"),
]


@pytest.mark.parametrize(("place", "said"), SAID, ids=[s[1] for s in SAID])
def test_a_place_is_told_as_an_agent_would_tell_it(filled, api, place, said):
    answer = api("agent").get("/api/v1/locate", lon=place.x, lat=place.y).json
    assert answer["address"].startswith("澄湖区")
    told_ = answer["address"].replace("东昌路与柳园南路", "柳园南路与东昌路")
    assert told_.endswith(said), answer["address"]


def test_a_place_with_nothing_near_is_told_by_its_cell(filled, api):
    far = at(900, 400)
    answer = api("agent").get("/api/v1/locate", lon=far.x, lat=far.y).json
    assert answer["address"].endswith(f"网格{answer['cell']}")


def test_the_same_file_again_changes_nothing(filled):
    with filled.begin() as session:
        before = queries.counts(session)
        session.execute(text("DROP TABLE IF EXISTS incoming_addresses, whole_streets"))
        assert imports.take(session, town(), source="surveyed") == 0
        assert queries.counts(session) == before


def geometry(shape):
    return shapely.geometry.mapping(shape)


def new_door(admin: Program, **changed):
    body = {"type": "plate", "number": "77", "geometry": geometry(at(400, 75))}
    return admin.post("/api/v1/addresses", body | changed)


def street_id(session):
    return session.execute(text("SELECT id FROM addresses WHERE name = '柳园南路'")).scalar_one()


def test_a_door_is_added_changed_and_ended_with_its_history(filled, api):
    admin = api("admin")
    with filled() as session:
        street = street_id(session)
    made = new_door(admin, street=street)
    assert made.status_code == 201, made.text
    number = made.json["id"]
    assert (number[:8], made.json["name"], made.json["side"]) == ("37990105", "柳园南路77号", 1)
    moved = admin.post(
        f"/api/v1/addresses/{number}/changes",
        {
            "type": "plate",
            "street": street,
            "number": "77",
            "geometry": geometry(at(400, 35)),
            "seen": 1,
        },
    )
    assert (moved.status_code, moved.json["side"], moved.json["seen"]) == (200, -1, 2)
    stale = admin.post(f"/api/v1/addresses/{number}/changes", {"end": True, "seen": 1})
    assert (stale.status_code, stale.json["current"]["seen"]) == (409, 2)
    assert (
        admin.post(f"/api/v1/addresses/{number}/changes", {"end": True, "seen": 2}).json["state"]
        == "ended"
    )
    history = admin.get(f"/api/v1/addresses/{number}").json["history"]
    assert [line["action"] for line in history] == ["end", "change", "add"]
    with filled() as session:
        assert finding.geocode(session, "柳园南路77号")[0].precision != "plate"


def test_a_renamed_place_is_found_by_its_former_name_too(filled, api):
    admin = api("admin")
    body = {"type": "poi", "name": "望岳茶馆", "geometry": geometry(at(820, 150))}
    made = admin.post("/api/v1/addresses", body).json
    changed = body | {"name": "望岳书店", "seen": made["seen"]}
    assert admin.post(f"/api/v1/addresses/{made['id']}/changes", changed).json["former"] == [
        "望岳茶馆"
    ]
    with filled() as session:
        assert finding.geocode(session, "望岳茶馆")[0].label == "望岳书店"


def test_a_new_street_crosses_those_that_are_there(filled, api):
    line = LineString([(118.203, 36.5995), (118.203, 36.6015)])
    body = {"type": "street", "name": "棠梨巷", "geometry": geometry(line)}
    assert api("admin").post("/api/v1/addresses", body).status_code == 201
    with filled() as session:
        assert finding.geocode(session, "棠梨巷与柳园南路路口")[0].precision == "crossing"


BAD = [
    (
        {
            "number": "",
        },
        "number",
    ),
    ({"street": "nowhere"}, "street"),
    ({"type": "house"}, "type"),
    ({"geometry": {"type": "Point", "coordinates": [float("1e308"), 36]}}, None),
    ({"geometry": {"type": "LineString", "coordinates": [[118.2, 36.6], [118.3, 36.6]]}}, None),
    ({"geometry": {"type": "Point", "coordinates": [118.2, 36.6], "crs": {}}}, None),
    ({"geometry": None}, "geometry"),
    ({"coord_sys": "mars"}, None),
]


@pytest.mark.parametrize(("changed", "field"), BAD)
def test_a_place_that_cannot_be_is_refused_with_a_sentence(filled, api, changed, field):
    with filled() as session:
        street = street_id(session)
    answer = new_door(api("admin"), **{"street": street, **changed})
    assert answer.status_code == 422, answer.text
    assert answer.json["detail"]
    assert field is None or field in answer.json["fields"]


def test_geocode_gives_what_the_contract_says(filled, api):
    answer = api("agent").get("/api/v1/geocode", q="柳园南路5号").json
    first = answer["items"][0]
    assert {"label", "type", "lon", "lat", "score"} <= first.keys()
    assert api("agent").get("/api/v1/geocode").status_code == 422


def test_a_part_is_found_by_the_number_on_it(filled, api):
    first = api("agent").get("/api/v1/geocode", q="3799010103000001").json["items"][0]
    assert (first["type"], first["score"]) == ("part", 1.0)


@pytest.fixture
def poled(filled):
    """Return the code of a part that its owner calls LD-1234."""
    code = "3799010103000001"
    own = text("UPDATE parts SET external_id = :own WHERE code = :code")
    with filled.begin() as session:
        session.execute(own, {"own": "LD-1234", "code": code})
    yield code
    with filled.begin() as session:
        session.execute(own, {"own": None, "code": code})


WORDINGS = ["路灯杆号 LD-1234", "杆号ld-1234不亮", "杆号为：ＬＤ-1234", "LD-1234号灯杆", "ld-1234",
            "灯杆牌号LD-1234", "部件3799010103000001坏了"]  # fmt: skip


@pytest.mark.parametrize("words", WORDINGS)
def test_a_lamp_is_found_by_the_number_on_its_pole_however_it_is_said(poled, api, words):
    first = api("agent").get("/api/v1/geocode", q=words).json["items"][0]
    assert (first["type"], first["id"]) == ("part", poled)
    assert api("agent").get("/api/v1/parts", q="Ld-1234").json["items"][0]["code"] == poled


def test_a_door_number_before_a_lamp_is_no_pole(filled, api):
    items = api("agent").get("/api/v1/geocode", q="柳园南路5号路灯").json["items"]
    assert items[0]["label"] == "柳园南路5号"


def test_only_who_may_edit_places_does(api):
    assert new_door(api("agent")).status_code == 403


def test_a_number_between_two_doors_lies_in_the_community_of_its_neighbours(filled):
    with filled() as session:
        between, door, street = (
            finding.geocode(session, asked)[0]
            for asked in ("柳园南路19号", "柳园南路21号", "柳园南路")
        )
    assert between.precision == "interpolated"
    assert between.division == door.division != street.division


def test_a_street_stands_before_the_stop_that_bears_its_name(filled):
    with filled() as session:
        stop = ("places", told(name="柳园南路", category="bus_stop"), at(300, 60))
        imports.take(session, [stop], source="surveyed")
        best = [hit.type for hit in finding.geocode(session, "柳园南路")]
    assert best[:2] == ["street", "poi"]
