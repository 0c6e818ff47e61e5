"""How many SQL statements a request may cost, at any size of its answer; signing in included."""

from collections.abc import Iterator

import pytest

from tests.city import INSIDE
from tests.stories.test_loop_over_the_api import photo
from tests.watching import watching

LON, LAT = INSIDE
REPORT = {"source": "01", "kind": "0102", "description": "路口有暴露垃圾", "lon": LON, "lat": LAT}


@pytest.fixture
def statements(app) -> Iterator[list[str]]:
    """Return the statements that are carried out from now on."""
    found: list[str] = []
    with watching(app.extensions["engine"], lambda _, asked, __: found.append(asked)):
        yield found


@pytest.fixture
def leader(api):
    """Return a shift leader's program after a first page, which fills what processes keep."""
    program = api("leader1")
    assert program.get("/api/v1/cases").status_code == 200
    return program


def begun(program, **changed):
    reply = program.post("/api/v1/cases", {**REPORT, **changed})
    assert reply.status_code == 201, reply.text
    return reply.json["uid"]


def test_creating_a_case_takes_twelve_statements_at_most(leader, statements):
    begun(leader)
    assert len(statements) <= 12, statements


def test_creating_a_case_about_a_part_with_a_caller_takes_no_more(api, leader, statements):
    part = {"kind": "0103", "part_code": "3799010103000001"}
    begun(api("agent"), **part, caller={"name": "王", "phone": "13800000000"})
    statements.clear()
    begun(leader, **part, caller={"name": "王", "phone": "13800000000"})
    assert len(statements) <= 12, statements


@pytest.mark.parametrize("action", ["accept", "file"])
def test_an_action_takes_twelve_statements_at_most(leader, statements, action):
    uid, seen, answers = begun(leader), 1, {}
    if action == "file":
        leader.post(f"/api/v1/cases/{uid}/steps", {"action": "accept", "answers": {}, "seen": 1})
        asks = leader.get(f"/api/v1/cases/{uid}").json["actions"][0]["asks"]
        seen, answers = 2, {"condition": asks[0]["options"][0]["value"]}
    statements.clear()
    body = {"action": action, "answers": answers, "seen": seen}
    reply = leader.post(f"/api/v1/cases/{uid}/steps", body)
    assert reply.status_code == 201, reply.text
    assert len(statements) <= 12, statements


@pytest.mark.parametrize("limit", [1, 50, 200])
def test_a_page_takes_four_statements_whatever_its_length(leader, statements, limit):
    for _ in range(3):
        begun(leader)
    statements.clear()
    reply = leader.get("/api/v1/cases", limit=limit, state="reported", category="01")
    assert reply.status_code == 200
    assert len(reply.json["items"]) >= min(limit, 3)
    assert len(statements) <= 4, statements


@pytest.mark.parametrize("kind", [{}, {"kind": "0103", "part_code": "3799010103000001"}])
def test_one_case_takes_five_statements(leader, statements, kind):
    uid = begun(leader, **kind)
    statements.clear()
    assert leader.get(f"/api/v1/cases/{uid}").json["actions"]
    assert len(statements) <= 5, statements


@pytest.mark.parametrize("layer", ["base", "cells", "beats", "parts", "cases"])
def test_a_tile_takes_three_statements(leader, statements, layer):
    statements.clear()
    assert leader.get(f"/tiles/{layer}/15/27144/12793.mvt").status_code == 200
    assert len(statements) <= 3, statements


@pytest.mark.parametrize("objects", ["departments", "regions", "posts"])
@pytest.mark.parametrize("period", ["2026-11-24", "2026"])
def test_a_ranking_takes_eight_statements_at_any_size(leader, statements, objects, period):
    """Who asks; the scheme and what is frozen; names, two periods' counts, how new they are.

    Of inspectors also, in each period, what they walked and what they missed.
    """
    statements.clear()
    assert leader.get(f"/api/v1/evaluations/{objects}", period=period).status_code == 200
    assert len(statements) <= (12 if objects == "posts" else 8), statements


def test_the_figures_of_the_wall_take_five_statements(leader, statements):
    statements.clear()
    assert leader.get("/screen/counts").status_code == 200
    assert len(statements) <= 5, statements


def test_both_ways_to_the_driver_are_counted(leader, statements):
    assert leader.get("/api/v1/cases").status_code == 200
    kept = [asked for asked in statements if asked.startswith("EXECUTE")]
    assert 0 < len(kept) < len(statements)


@pytest.mark.parametrize("layers", ["cells", "base,cells", "beats"])
def test_a_tile_takes_two_statements_and_one_for_each_layer(leader, statements, layers):
    path = f"/tiles/{layers}/15/27143/12759.mvt"
    assert leader.get(path).status_code == 200
    assert len(statements) <= 2 + len(layers.split(",")), statements


@pytest.mark.parametrize("layer", ["base", "cells", "beats", "zones", "parts"])
def test_a_tile_of_base_data_takes_three_statements(leader, statements, layer):
    for z, x, y in ((15, 27143, 12759), (11, 1696, 797)):
        statements.clear()
        assert leader.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt").status_code == 200
        assert len(statements) <= 3, statements


LISTS = (
    ("/api/v1/parts", {"kind": "0103", "bbox": "118.2,36.6,118.3,36.7"}),
    ("/api/v1/parts/3799010103000001", {}),
    ("/api/v1/cells", {"within": "379901"}),
    ("/api/v1/cells/37990100100101", {}),
    ("/api/v1/cells/shapes", {"bbox": "118.2,36.6,118.3,36.7"}),
    ("/api/v1/cells/edits", {}),
    ("/api/v1/divisions", {"parent": "379901"}),
    ("/api/v1/beats", {"shift": 1}),
    ("/api/v1/zones", {}),
    ("/api/v1/shifts", {}),
    ("/api/v1/addresses", {"q": "柳园路", "type": "street"}),
    ("/api/v1/layers", {}),
    ("/api/v1/layers/parts", {}),
    ("/api/v1/surveys", {}),
    ("/api/v1/jobs", {}),
    ("/ogc/collections/cells/items", {"limit": 20, "bbox": "118.2,36.6,118.3,36.7"}),
    ("/ogc/collections/parts/items", {"kind": "0103"}),
    ("/ogc/collections/cases/items", {}),
    ("/api/v1/locate", {"lon": LON, "lat": LAT}),
)


def test_the_ledger_of_requests_takes_four_statements(leader, statements):
    assert leader.get("/api/v1/requests", state="mine").status_code == 200
    assert len(statements) <= 4, statements


@pytest.fixture
def administrator(api):
    """Return an administrator's program after a first page, which fills what processes keep."""
    program = api("admin")
    assert program.get("/api/v1/parts").status_code == 200
    return program


@pytest.mark.parametrize(("path", "query"), LISTS)
def test_a_list_of_base_data_takes_four_statements(administrator, statements, path, query):
    statements.clear()
    answer = administrator.get(path, **query)
    assert answer.status_code == 200, answer.text
    assert len(statements) <= 4, statements


@pytest.mark.parametrize(
    "words",
    ["柳园路1号", "柳园路与新华路交叉口", "liuyuanlu", "柳圆路", "37990100100101", "无此处"],
)
def test_geocoding_takes_eight_statements(administrator, statements, words):
    statements.clear()
    assert administrator.get("/api/v1/geocode", q=words).status_code == 200
    assert len(statements) <= 8, statements


def test_the_photos_of_a_case_are_weighed_within_the_five_statements(api, leader, statements):
    uid = begun(leader, photos=[photo(api("inspector"))])
    leader.post(f"/api/v1/cases/{uid}/steps", {"action": "accept", "answers": {}, "seen": 1})
    statements.clear()
    found = leader.get(f"/api/v1/cases/{uid}").json
    assert len(found["evidence"]) == 1
    assert len(statements) <= 5, statements


def test_giving_and_answering_a_task_takes_twelve_statements_each(api, leader, statements):
    inspector = api("inspector2")
    uid = begun(leader)
    body = {"action": "ask_confirm", "answers": {"inspector": str(inspector.id)}, "seen": 1}
    statements.clear()
    assert leader.post(f"/api/v1/cases/{uid}/steps", body).status_code == 201
    assert len(statements) <= 12, statements
    body = {"action": "confirm", "answers": {"found": True, "result": "在"}, "seen": 2}
    statements.clear()
    assert inspector.post(f"/api/v1/cases/{uid}/steps", body).status_code == 201
    assert len(statements) <= 12, statements


@pytest.mark.parametrize(
    "path", ["/api/v1/tasks", "/api/v1/tasks/pairs", "/api/v1/positions", "/api/v1/tracks/1"]
)
def test_a_list_of_the_field_takes_three_statements(leader, statements, path):
    statements.clear()
    assert leader.get(path).status_code == 200
    assert len(statements) <= 3, statements
