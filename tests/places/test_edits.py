"""The grid edited through its door: codes, lineage, undo, beats, zones, and who was faster."""

from urllib.parse import parse_qsl

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app import create_app
from tests import city
from tests.conftest import clone, config_for
from tests.faults.test_races import at_once

# The community 379901001001 is three columns of four cells, numbered south to north.
WEST, SOUTH, STEP = city.WEST, city.SOUTH, city.STEP
CELL, ABOVE, EAST = "37990100100101", "37990100100102", "37990100100105"
COMMUNITY = "379901001001"


@pytest.fixture
def house(template, tmp_path):
    for address in clone(template):
        app = create_app(config_for(address, tmp_path))
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def admin(house):
    return city.Program(house, "admin")


def ask(house, question, **binds):
    with sessionmaker(house.extensions["engine"]).begin() as session:
        return [tuple(row) for row in session.execute(text(question), binds)]


def at(x, y):
    return [round(WEST + x * STEP, 9), round(SOUTH + y * STEP, 9)]


def get(program, path):
    """Return the JSON at ``path``, which may have a query."""
    address, _, query = path.partition("?")
    return program.get(address, **dict(parse_qsl(query))).json


def edit(admin, verb, **more):
    return admin.post("/api/v1/cells/edits", {"verb": verb, **more})


def split(admin, code=CELL, height=0.5):
    return edit(admin, "split", cells=[code], line=[at(-0.1, height), at(1.1, height)])


def in_use(house):
    return {code for (code,) in ask(house, "SELECT code FROM cells WHERE ended_on IS NULL")}


def sound(house):
    """Say whether the cells in use still cover the city once."""
    ((gap, over, valid),) = ask(
        house,
        "SELECT abs(ST_Area(ST_Union(geom)) - :whole) * 1e10, (sum(ST_Area(geom))"
        " - ST_Area(ST_Union(geom))) * 1e10, bool_and(ST_IsValid(geom))"
        " FROM cells WHERE ended_on IS NULL",
        whole=12 * 4 * STEP**2,
    )
    return gap < 1 and abs(over) < 1 and valid


def test_a_split_ends_the_old_code_and_begins_two_new_ones(house, admin):
    answer = split(admin)
    assert answer.status_code == 201, answer.text
    assert answer.json["ended"] == [CELL]
    assert answer.json["begun"] == ["37990100100113", "37990100100114"]
    assert CELL not in in_use(house)
    assert sound(house)
    north, south = ask(
        house,
        "SELECT code FROM cells WHERE code = ANY(:codes) ORDER BY ST_YMax(geom) DESC",
        codes=answer.json["begun"],
    )
    assert north < south


def test_new_cells_belong_to_the_beat_of_the_old_one_and_are_found(house, admin):
    split(admin)
    place = get(admin, "/api/v1/locate?lon=118.2005&lat=36.6002")
    assert (place["cell"], place["beat"]["name"]) == ("37990100100114", "责任网格379901")


def test_merged_cells_are_one_and_know_where_they_come_from(house, admin):
    answer = edit(admin, "merge", cells=[CELL, ABOVE])
    (code,) = answer.json["begun"]
    assert sound(house)
    assert admin.get(f"/api/v1/cells/{code}").json["earlier"] == [CELL, ABOVE]
    assert admin.get(f"/api/v1/cells/{CELL}").json["later"] == [code]


def test_a_moved_vertex_moves_in_all_four_cells(house, admin):
    answer = edit(admin, "move", vertex=at(1, 1), to=at(1.2, 1.3))
    assert answer.status_code == 201, answer.text
    assert len(answer.json["begun"]) == 4
    assert sound(house)


def test_a_community_is_numbered_anew_from_the_north_west(house, admin):
    split(admin)
    answer = edit(admin, "renumber", community=COMMUNITY)
    assert answer.json["begun"] == [f"{COMMUNITY}{n}" for n in range(15, 28)]
    first = ask(house, "SELECT ST_XMin(geom), ST_YMax(geom) FROM cells WHERE code = :code",
                code=f"{COMMUNITY}15")  # fmt: skip
    assert first == [(pytest.approx(WEST), pytest.approx(SOUTH + 4 * STEP))]


def test_undo_revives_the_very_same_cells_and_can_be_undone(house, admin):
    before = in_use(house)
    done = split(admin).json
    shape = "SELECT ST_AsText(geom) FROM cells WHERE code = :code"
    former = ask(house, shape, code=CELL)
    back = admin.post(f"/api/v1/cells/edits/{done['id']}/undo", {})
    assert back.status_code == 201, back.text
    assert in_use(house) == before
    assert sound(house)
    ((apart,),) = ask(
        house,
        "SELECT ST_Area(ST_SymDifference(geom, ST_GeomFromText(:was, 4490))) * 1e10 FROM cells"
        " WHERE code = :code",
        was=former[0][0],
        code=CELL,
    )
    assert apart < 0.05
    redone = admin.post(f"/api/v1/cells/edits/{back.json['id']}/undo", {})
    assert redone.json["begun"] == done["begun"]
    assert sound(house)


def test_what_was_changed_since_cannot_be_undone(house, admin):
    done = split(admin).json
    edit(admin, "merge", cells=[done["begun"][0], ABOVE])
    answer = admin.post(f"/api/v1/cells/edits/{done['id']}/undo", {})
    assert answer.status_code == 409
    assert answer.json["current"]["changed"] == [done["begun"][0]]
    listed = admin.get("/api/v1/cells/edits").json["items"]
    assert [one["can_undo"] for one in listed] == [True, False]


def test_codes_are_never_given_twice_not_even_after_an_undo(house, admin):
    done = split(admin).json
    admin.post(f"/api/v1/cells/edits/{done['id']}/undo", {})
    assert not set(split(admin).json["begun"]) & set(done["begun"])


def test_whoever_was_slower_is_told_and_nothing_changes(house, admin):
    split(admin)
    before = in_use(house)
    answer = edit(admin, "merge", cells=[CELL, ABOVE])
    assert answer.status_code == 409
    assert answer.json["current"] == {"changed": [CELL]}
    assert in_use(house) == before


def test_of_six_who_split_a_cell_at_once_one_wins_and_five_see_it(house):
    editors = [city.Program(house, "admin") for _ in range(6)]
    replies = at_once([lambda e=e: split(e) for e in editors])
    assert sorted(r.status_code for r in replies) == [201] + [409] * 5
    assert {tuple(r.json["current"]["changed"]) for r in replies if r.status_code == 409} == {
        (CELL,)
    }
    assert sound(house)


def test_neighbours_split_at_once_share_their_vertices(house):
    editors = [city.Program(house, "admin") for _ in range(3)]
    codes = [CELL, EAST, "37990100100109"]
    lines = [[at(x - 0.2, 0.4 + x / 9), at(x + 1.2, 0.5 + x / 9)] for x in range(3)]
    replies = at_once(
        [
            lambda e=e, c=c, line=line: edit(e, "split", cells=[c], line=line)
            for e, c, line in zip(editors, codes, lines, strict=True)
        ]
    )
    assert {r.status_code for r in replies} == {201}
    rows = ask(house, "SELECT ST_AsText(geom, 15) FROM cells WHERE ended_on IS NULL")
    assert shapely.coverage_is_valid([shapely.from_wkt(shape) for (shape,) in rows])


def test_the_same_key_splits_once(house, admin):
    key = "6f1c2a4e-0000-4000-8000-000000000001"
    body = {"verb": "split", "cells": [CELL], "line": [at(-0.1, 0.5), at(1.1, 0.5)]}
    answers = [admin.post("/api/v1/cells/edits", body, key=key).json for _ in range(2)]
    assert answers[0] == answers[1]


LINE = [[118.1, 36.6005], [118.3, 36.6005]]


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"verb": "merge", "cells": [CELL]}, 422, "两个"),
        ({"verb": "merge", "cells": [CELL, "37990100100112"]}, 422, "相邻"),
        ({"verb": "merge", "cells": ["37990100100109", "37990100100201"]}, 422, "社区"),
        ({"verb": "split", "cells": [], "line": LINE}, 422, "单元网格"),
        ({"verb": "split", "cells": [CELL], "line": [[118, 36]]}, 422, ""),
        ({"verb": "split", "cells": [CELL], "line": [[1e308, 36], [118, 36]]}, 422, ""),
        ({"verb": "split", "cells": [CELL], "line": [[36.6, 118.2], [36.7, 118.2]]}, 422, "经"),
        ({"verb": "split", "cells": [CELL], "line": "x"}, 422, ""),
        ({"verb": "split", "cells": [CELL], "line": [[118, 36]] * 501}, 422, "500"),
        ({"verb": "move", "vertex": at(3, 1), "to": at(3.1, 1)}, 422, "社区"),
        ({"verb": "move", "vertex": at(1.5, 1.5), "to": at(1, 1)}, 422, ""),
        ({"verb": "move", "vertex": at(1, 1), "to": at(4, 4)}, 422, ""),
        ({"verb": "renumber"}, 422, ""),
        ({"verb": "renumber", "community": "379901001009"}, 422, ""),
        ({"verb": "turn"}, 422, ""),
        ({"verb": "merge", "cells": "x"}, 422, ""),
    ],
)
def test_what_is_no_sound_change_is_a_sentence_and_changes_nothing(
    house, admin, body, status, sentence
):
    before = in_use(house)
    answer = admin.post("/api/v1/cells/edits", body)
    assert (answer.status_code, in_use(house)) == (status, before), answer.text
    assert sentence in answer.json["detail"]


def test_nobody_edits_without_the_permission(house):
    agent = city.Program(house, "agent")
    assert split(agent).status_code == 403


def test_a_community_without_numbers_left_is_told_so(house, admin):
    ask(
        house,
        "INSERT INTO cells (code, community, area_m2, ended_on, geom) SELECT '37990100100199',"
        " community, area_m2, current_date, geom FROM cells WHERE code = :code RETURNING 1",
        code=CELL,
    )
    answer = split(admin)
    assert answer.status_code == 422
    assert "99" in answer.json["detail"]


@pytest.fixture
def reported(house):
    """Report one case in the south and one in the north of the first cell."""
    inspector = city.Program(house, "inspector")
    with sessionmaker(house.extensions["engine"]).begin() as session:
        who = session.execute(text("SELECT id FROM people WHERE username='inspector'")).scalar()
        session.execute(
            text(
                "INSERT INTO cases (uid, flow_id, source, kind, description, address, cell, place,"
                " state, stage, reporter_id, reported_at, steps) SELECT gen_random_uuid(),"
                " (SELECT max(id) FROM flows), '01', 'E0102', d, '', :cell,"
                " ST_SetSRID(ST_MakePoint(118.2005, y), 4490), 'reported', 'collect', :who,"
                " now(), 1"
                " FROM (VALUES ('south', 36.6002), ('north', 36.6008)) v (d, y)"
            ),
            {"cell": CELL, "who": who},
        )
    return inspector


def found(program, query):
    return sorted(c["description"] for c in get(program, f"/api/v1/cases?{query}")["items"])


def test_a_case_keeps_its_code_and_is_found_by_todays(house, admin, reported):
    north, south = split(admin).json["begun"]
    (merged,) = edit(admin, "merge", cells=[north, ABOVE]).json["begun"]
    assert found(admin, f"cell={CELL}") == ["north", "south"]
    assert found(admin, f"cell={south}") == ["south"]
    assert found(admin, f"cell={merged}") == ["north"]
    assert ask(house, "SELECT DISTINCT cell FROM cases") == [(CELL,)]


def test_a_part_keeps_its_code_and_is_found_by_todays(house, admin):
    north, south = split(admin).json["begun"]
    codes = {
        code: [p["code"] for p in get(admin, f"/api/v1/parts?cell={code}")["items"]]
        for code in (north, south, CELL)
    }
    assert codes == {north: ["3799010103000001"], south: [], CELL: ["3799010103000001"]}
    assert ask(house, "SELECT cell FROM parts") == [(CELL,)]


def test_a_zone_has_the_powers_of_a_district(house, admin, reported):
    made = admin.post("/api/v1/zones", {"name": "高新区", "members": [CELL, "379902001"]})
    assert made.status_code == 201, made.text
    code = made.json["code"]
    assert code == "Z379901"
    assert found(admin, f"district={code}") == ["north", "south"]
    assert found(admin, "district=379902") == []
    ask(house, "UPDATE people SET area = :z WHERE username = 'dispatcher_yun' RETURNING 1", z=code)
    dispatcher = city.Program(house, "dispatcher_yun")
    assert found(dispatcher, "limit=9") == ["north", "south"]
    assert dispatcher.get("/api/v1/me").json["scopes"]["area"] == code
    ask(house, "INSERT INTO routes (kind, area, department) VALUES ('E0102', :z, 'YL') RETURNING 1",
        z=code)  # fmt: skip
    ask(house, "UPDATE versions SET n = n + 1 WHERE name = 'catalogue' RETURNING 1")
    uid = get(admin, f"/api/v1/cases?cell={CELL}")["items"][0]["uid"]
    told = admin.get(f"/api/v1/cases/{uid}").json
    assert told["route"]["department"] == "YL"


def test_cells_of_a_zone_stay_in_it_when_they_are_split(house, admin, reported):
    code = admin.post("/api/v1/zones", {"name": "度假区", "members": [CELL]}).json["code"]
    begun = split(admin).json["begun"]
    (zone,) = admin.get("/api/v1/zones").json["items"]
    assert zone["members"] == sorted([CELL, *begun])
    assert found(admin, f"district={code}") == ["north", "south"]
    answer = edit(admin, "merge", cells=[begun[0], ABOVE])
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ([], 422),
        (["9999"], 422),
        (["3799"], 422),
        (["379909"], 422),
        (["379901001001"], 409),
        ([ABOVE, CELL], 409),
    ],
)
def test_a_zone_of_nothing_or_of_what_another_zone_has_is_refused(house, admin, members, status):
    admin.post("/api/v1/zones", {"name": "开发区", "members": [CELL]})
    answer = admin.post("/api/v1/zones", {"name": "另一区", "members": members})
    assert answer.status_code == status, answer.text


def test_a_zone_that_somebody_works_in_stays(house, admin):
    code = admin.post("/api/v1/zones", {"name": "开发区", "members": [CELL]}).json["code"]
    ask(house, "UPDATE people SET area = :z WHERE username = 'agent' RETURNING 1", z=code)
    path = f"/api/v1/zones/{code}"
    assert admin.client.delete(path, headers=admin.headers).status_code == 422
    ask(house, "UPDATE people SET area = '' WHERE username = 'agent' RETURNING 1")
    assert admin.client.delete(path, headers=admin.headers).status_code == 204
