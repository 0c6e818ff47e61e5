"""Reports of the same thing: who is in the list, in which order, and why."""

from datetime import timedelta
from itertools import count
from random import Random

import pytest

from app.cases.duplicates import LEAST, Told, likeness

LAT = 36.6035
METRE_LON = 1 / 89_400
SPOTS = count()


@pytest.fixture
def lon():
    """Return the longitude of a place where no other test reports anything."""
    return 118.2005 + 0.0022 * next(SPOTS)


@pytest.fixture
def told(api, lon):
    """Return a function that reports something east of the place and gives its uid."""

    def report(metres=0.0, kind="0102", words="路口有暴露垃圾", **more):
        body = {"kind": kind, "description": words, "lon": lon + metres * METRE_LON, "lat": LAT}
        reply = api("inspector").post("/api/v1/cases", body | more)
        assert reply.status_code == 201, reply.text
        return reply.json["uid"]

    return report


def found(api, lon, who="leader1", **asked):
    given = {"kind": "0102", "lon": lon, "lat": LAT, "text": "暴露垃圾没人清理"} | asked
    reply = api(who).get("/api/v1/duplicates", **given)
    assert reply.status_code == 200, reply.text
    return reply.json["items"]


def test_the_nearest_of_the_same_kind_comes_first_with_its_reasons(api, lon, told):
    far, near = told(60), told(8)
    items = found(api, lon)
    assert [item["uid"] for item in items] == [near, far]
    assert items[0]["reasons"] == ["同一小类", "相距 8 米", "描述相近"]
    assert items[0]["score"] > items[1]["score"] >= LEAST


def test_another_kind_far_away_is_no_duplicate_and_beyond_the_ring_nobody_is(api, lon, told):
    told(70, kind="0201", words="电线杆上有小广告")
    told(140)
    assert found(api, lon) == []


def test_the_same_part_is_certain_whatever_else_differs(api, told):
    here = {"lon": 118.2005, "lat": LAT - 0.003}
    uid = told(kind="C0103", words="井盖响", part_code="3799010103000001", **here)
    asked = {"kind": "C0103", "part_code": "3799010103000001", "text": "x"}
    items = {item["uid"]: item for item in found(api, **asked, **here)}
    assert (items[uid]["score"], items[uid]["reasons"][0]) == (1.0, "同一部件")


def test_cases_of_another_area_are_not_shown_to_who_may_not_see_them(api, told):
    here = {"lon": 118.2005, "lat": LAT - 0.0014}
    uid = told(**here)
    assert uid in [item["uid"] for item in found(api, **here)]
    assert found(api, who="inspector_yun", **here) == []


def test_a_rejected_report_is_no_duplicate(api, lon, told):
    uid = told(3)
    reply = api("leader1").post(
        f"/api/v1/cases/{uid}/steps",
        {"action": "reject", "answers": {"reason": "不在辖区"}, "seen": 1},
    )
    assert reply.status_code == 201, reply.text
    assert found(api, lon) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": ""},
        {"kind": "9999"},
        {"lon": "x"},
        {"lon": 36.6, "lat": 118.2},
        {"coord_sys": "mars"},
        {"text": "x" * 2_001},
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(api, asked):
    given = {"kind": "0102", "lon": 118.2, "lat": LAT} | asked
    assert api("agent").get("/api/v1/duplicates", **given).status_code == 422


def test_only_who_reports_may_look(api):
    assert (
        api("mayor").get("/api/v1/duplicates", kind="0102", lon=118.2, lat=LAT).status_code == 403
    )


def test_nineteen_of_twenty_pairs_of_one_problem_are_recognised():
    chance = Random(5)
    words = ("路口有暴露垃圾", "垃圾堆在路口没人清", "路口垃圾", "")
    recognised = 0
    for _ in range(500):
        item = {
            "family": "event",
            "kind": "0102",
            "part_code": None,
            "description": chance.choice(words),
        }
        metres, age = chance.uniform(0, 50), timedelta(days=chance.uniform(0, 7))
        told = Told("E0102", chance.choice(words))
        recognised += likeness(told, item, metres, age) >= LEAST
    assert recognised >= 475


def test_likeness_grows_with_nearness_kind_words_and_freshness():
    item = {"family": "event", "kind": "0102", "part_code": None, "description": "路口有暴露垃圾"}
    day = timedelta(days=1)
    best = likeness(Told("E0102", "路口有暴露垃圾"), item, 0, timedelta(0))
    assert best == pytest.approx(1.0)
    for worse in (
        likeness(Told("E0102", "路口有暴露垃圾"), item, 30, timedelta(0)),
        likeness(Told("E0103", "路口有暴露垃圾"), item, 0, timedelta(0)),
        likeness(Told("E0102", "路灯不亮"), item, 0, timedelta(0)),
        likeness(Told("E0102", "路口有暴露垃圾"), item, 0, 20 * day),
    ):
        assert worse < best
