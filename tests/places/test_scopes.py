"""Who has a part of the city writes in no other part, and sees no layer reserved for others."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from tests.city import SOUTH, STEP, WEST, Program
from tests.conftest import clone, config_for
from tests.kernel.test_hostile_geometry import DIGEST
from tests.layers import working
from tests.routes import AREA, CELL, COMMUNITY, PART, POINT, furnish

OWN_CELL, OWN_COMMUNITY = "37990200100101", "379902001001"
OWN_POINT = {"type": "Point", "coordinates": [WEST + 6.5 * STEP, SOUTH + STEP / 2]}
BORDER = [WEST + 6 * STEP, SOUTH + STEP]
MERGED = [CELL, "37990100100102"]
STREET = {"type": "LineString", "coordinates": [[118.2, 36.6011], [118.202, 36.6012]]}
LINE = [[118.1, 36.6004], [118.3, 36.6005]]
PLACE = {"type": "poi", "name": "新楼", "geometry": POINT}
MOVED = {"changes": {}, "geometry": POINT, "reason": "x", "seen": 1}


@dataclass(frozen=True)
class City:
    app: Flask
    known: dict[str, Any]
    own_part: str
    own_address: str

    def ask(self, question: str) -> list[Any]:
        with self.app.extensions["sessions"].begin() as session:
            return list(session.execute(text(question)).all())

    def path(self, template: str) -> str:
        return template.format(**self.known, own_part=self.own_part, own_address=self.own_address)


@pytest.fixture(scope="module", params=["379902", "Z379901"], ids=["a district", "a zone"])
def city(
    request: pytest.FixtureRequest, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """Return a city in which an administrator and an inspector have only the east."""
    for address in clone(template):
        app = create_app(config_for(address, tmp_path_factory.mktemp("scopes")))
        known = furnish(app)
        admin = Program(app, "admin")
        part = admin.post("/api/v1/parts", {"kind": "0103", "geometry": OWN_POINT}).json["code"]
        told = {**PLACE, "geometry": OWN_POINT}
        place = admin.post("/api/v1/addresses", told).json["id"]
        found = City(app, known, part, place)
        other = admin.post("/api/v1/zones", {"name": "西区", "members": [COMMUNITY]}).json["code"]
        known["west"] = other
        admin.client.delete(f"/api/v1/zones/{known['zone']}", headers=admin.headers)
        if request.param.startswith("Z"):
            east = {"name": "东区", "members": ["379902001"]}
            area = admin.post("/api/v1/zones", east).json["code"]
        else:
            area = request.param
        found.ask(
            f"UPDATE people SET area = '{area}', post = CASE username WHEN 'inspector_yun'"
            " THEN post ELSE 'admin' END WHERE area <> '' RETURNING 1"
        )
        yield found
        app.extensions["engine"].dispose()


FOREIGN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cells/edits", {"verb": "split", "cells": [CELL], "line": LINE}),
    ("cells/edits", {"verb": "merge", "cells": MERGED}),
    ("cells/edits", {"verb": "move", "vertex": BORDER, "to": [BORDER[0] + 1e-4, BORDER[1]]}),
    ("cells/edits", {"verb": "renumber", "community": COMMUNITY}),
    ("cells/edits/{edit}/undo", {}),
    ("cells/checks", {"within": COMMUNITY}),
    ("cells/checks", {"within": "3799"}),
    ("cells/makings", {"within": "379901"}),
    ("areas", {"code": COMMUNITY, "geometry": AREA}),
    ("areas/imports", {"upload": "{upload}", "level": "community"}),
    ("divisions/imports", {"upload": "{upload}"}),
    ("zones", {"name": "他区", "members": [CELL]}),
    ("zones", {"name": "他区", "members": [CELL, OWN_CELL]}),
    ("zones", {"name": "西区", "code": "{west}", "members": [OWN_CELL]}),
    ("zones", {"name": "他区", "code": "379901", "members": [OWN_CELL]}),
    ("beats", {"name": "甲", "shift": 1, "cells": [CELL]}),
    ("beats", {"name": "责任网格379901", "shift": 1, "cells": [OWN_CELL]}),
    ("beats/{beat}/inspectors", {"people": []}),
    ("beats/balances", {"within": "379901", "shift": 1, "count": 2, "by": "area"}),
    ("shifts", {"name": "夜班", "begins": "20:00", "ends": "04:00"}),
    ("parts", {"kind": "0103", "geometry": POINT}),
    (f"parts/{PART}/steps", {"changes": {"note": "x"}, "reason": "x", "seen": 1}),
    ("parts/{own_part}/steps", MOVED),
    ("part-kinds/0103", {"geometry": "point", "accuracy_class": "A"}),
    ("part-imports", {"upload": "{upload}", "kind": "0402", "mapping": {}}),
    ("part-imports/{import}/apply", {"gone": ""}),
    ("part-imports/{import}/compare", {}),
    ("part-imports/{import}/repairs", {}),
    ("part-imports/{import}/undo", {}),
    ("part-imports/{import}/drop", {}),
    ("addresses", PLACE),
    ("addresses/{address}/changes", {**PLACE, "type": "street", "geometry": STREET, "seen": 1}),
    ("addresses/{address}/changes", {"end": True, "seen": 1}),
    ("addresses/{own_address}/changes", {**PLACE, "seen": 1}),
    ("addresses/imports", {"upload": "{upload}", "holds": "doors"}),
    ("addresses/harvest", {}),
    ("surveys", {"name": "x", "area": COMMUNITY, "due_on": "2027-01-31"}),
    ("surveys", {"name": "x", "area": "3799", "due_on": "2027-01-31"}),
    ("surveys/{survey}/samples", {}),
    (f"surveys/{{survey}}/samples/{CELL}", {"missed": 0, "surplus": 0, "wrong": 0}),
    ("surveys/{survey}/close", {}),
    ("layers", {"name": "works", "title": "x"}),
    ("layers/{layer}", {"revision": 0, "title": "x"}),
    ("layers/{layer}/publish", {"revision": 0}),
    ("layers/{layer}/styles", {"revision": 0, "document": {}}),
    ("base-imports", {"source": "x", "sheets": [{"upload": "{upload}", "holds": "osm"}]}),
    ("base-imports/1/undo", {}),
)


def filled(city: City, value: Any) -> Any:
    return city.path(value) if isinstance(value, str) and value.startswith("{") else value


@pytest.mark.parametrize(("path", "body"), FOREIGN, ids=lambda value: str(value)[:40])
def test_what_lies_outside_the_area_is_not_changed(
    city: City, path: str, body: dict[str, Any]
) -> None:
    before = city.ask(DIGEST)
    program = Program(city.app, "dispatcher_yun")
    told = {name: filled(city, value) for name, value in body.items()}
    answer = program.post(f"/api/v1/{city.path(path)}", told)
    assert answer.status_code in (403, 404), answer.text
    assert city.ask(DIGEST) == before


def test_photos_and_zones_of_others_stay_too(city: City) -> None:
    from tests.org.test_permissions import picture  # noqa: PLC0415

    program, before = Program(city.app, "dispatcher_yun"), city.ask(DIGEST)
    sent = {"file": (BytesIO(picture()), "a.jpg")}
    path = f"/api/v1/parts/{PART}/photos"
    assert program.client.post(path, data=sent, headers=program.headers).status_code == 403
    path = city.path("/api/v1/zones/{west}")
    assert program.client.delete(path, headers=program.headers).status_code == 403
    assert city.ask(DIGEST) == before


def test_an_inspector_surveys_no_cell_and_no_part_of_others(city: City) -> None:
    survey = city.path("/api/v1/surveys/{survey}")
    found = {"kind": "0103", "geometry": POINT, "note": "x"}
    stranger = Program(city.app, "inspector_yun")
    assert stranger.post(f"{survey}/cells/{CELL}/findings", found).status_code == 403
    assert stranger.post(f"{survey}/cells/{CELL}/done", {}).status_code == 403
    before = city.ask(DIGEST)
    # Of the whole city, but the survey lends only the parts of its own cells and kinds.
    verdict = {"part": city.own_part, "verdict": "lost", "seen": 1}
    lent = Program(city.app, "inspector").post(f"{survey}/cells/{CELL}/findings", verdict)
    assert (lent.status_code, list(lent.json["fields"])) == (422, ["part"])
    assert city.ask(DIGEST) == before


def test_what_lies_inside_the_area_is_changed(city: City) -> None:
    program = Program(city.app, "dispatcher_yun")
    part = {"changes": {"note": "x"}, "reason": "x", "seen": 1}
    place = {**PLACE, "geometry": OWN_POINT, "note": "x", "seen": 1}
    survey = {"name": "东", "area": OWN_COMMUNITY, "due_on": "2027-01-31"}
    for path, body in (
        ("parts/{own_part}/steps", part),
        ("addresses/{own_address}/changes", place),
        ("surveys", survey),
        ("cells/checks", {"within": OWN_COMMUNITY}),
        ("cells/edits", {"verb": "merge", "cells": [OWN_CELL, "37990200100102"]}),
    ):
        answer = program.post(f"/api/v1/{city.path(path)}", body)
        assert answer.status_code < 300, (path, answer.text)


def test_a_layer_reserved_for_others_is_seen_nowhere(city: City) -> None:
    agent, admin = Program(city.app, "agent"), Program(city.app, "admin")
    layer = city.known["layer"]
    working.publish(admin, layer, city.known["version"])
    tile = f"/tiles/{layer}/15/27143/12759.mvt"
    assert agent.get(tile).status_code == 200
    city.ask("UPDATE layers SET posts = '{admin}' WHERE name IN ('cells', 'parts', 'beats')"
             f" OR name = '{layer}' RETURNING 1")  # fmt: skip
    assert admin.get(tile).status_code == 200
    for hidden in (layer, "cells", "parts", "beats", "base,cells"):
        assert agent.get(f"/tiles/{hidden}/15/27143/12759.mvt").status_code == 404, hidden
    shown = agent.get("/api/v1/layers").json
    assert layer not in {one["name"] for one in shown["items"]}
    assert {"cells", "parts"} <= set(shown["hidden"])
    for path in (f"/api/v1/layers/{layer}", f"/admin/layers/{layer}"):
        assert agent.get(path).status_code == 403
    offered = {one["id"] for one in agent.get("/ogc/collections").json["collections"]}
    assert not offered & {"cells", "parts"}
    for name in ("cells", "parts"):
        assert agent.get(f"/ogc/collections/{name}").status_code == 404
        assert agent.get(f"/ogc/collections/{name}/items").status_code == 404
        assert agent.get(f"/ogc/collections/{name}/items/{CELL}").status_code == 404
        assert f"/collections/{name}" not in agent.get("/ogc/api").text
