"""Two people on one thing at the same moment: one wins, the other sees how it stands now."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app import create_app, jobs
from app.kernel import queue
from tests.city import INSIDE, SOUTH, STEP, WEST, Program
from tests.conftest import clone, config_for
from tests.faults.test_races import at_once
from tests.layers import working

PART, CELL = "3799010103000001", "37990100100101"
PAIRS = 40
Answer = Callable[[], Any]


@pytest.fixture(scope="module")
def city(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    for address in clone(template):
        app = create_app(config_for(address, tmp_path_factory.mktemp("editors")))
        yield app
        app.extensions["engine"].dispose()


@pytest.fixture
def two(city: Any) -> tuple[Program, Program]:
    return Program(city, "admin"), Program(city, "admin")


def ask(app: Any, question: str) -> list[Any]:
    with app.extensions["sessions"].begin() as session:
        return list(session.execute(text(question)).all())


def one_wins(calls: list[Answer], *, current: bool = True) -> Any:
    """Let both go at once; return the winner's answer."""
    answers = sorted(at_once(calls), key=lambda answer: answer.status_code)
    won, lost = answers
    assert (won.status_code < 300, lost.status_code) == (True, 409), [a.text for a in answers]
    assert lost.json["detail"]
    assert not current or lost.json["current"]
    return won.json


def test_of_two_who_edit_a_part_one_wins(two: tuple[Program, Program]) -> None:
    seen = 1
    for n in range(PAIRS):
        calls = [
            lambda p=p, k=k, n=n, seen=seen: p.post(
                f"/api/v1/parts/{PART}/steps",
                {"changes": {"note": f"{n} {k}"}, "reason": "x", "seen": seen},
            )
            for k, p in enumerate(two)
        ]
        assert one_wins(calls)["version"] == seen + 1
        seen += 1
    assert len(two[0].get(f"/api/v1/parts/{PART}").json["steps"]) == PAIRS


def test_of_two_who_edit_an_address_one_wins(two: tuple[Program, Program]) -> None:
    point = {"type": "Point", "coordinates": list(INSIDE)}
    place = {"type": "poi", "name": "新楼", "geometry": point}
    number = two[0].post("/api/v1/addresses", place).json["id"]
    for seen in range(1, PAIRS + 1):
        calls = [
            lambda p=p, k=k, seen=seen: p.post(
                f"/api/v1/addresses/{number}/changes",
                {**place, "note": f"{seen} {k}", "seen": seen},
            )
            for k, p in enumerate(two)
        ]
        assert one_wins(calls)["seen"] == seen + 1
    assert len(two[0].get(f"/api/v1/addresses/{number}").json["history"]) == PAIRS + 1


def test_of_two_who_save_a_style_one_wins(two: tuple[Program, Program]) -> None:
    layer = working.new_layer(two[0])
    seen = two[0].get(f"/api/v1/layers/{layer}").json["revision"]
    for n in range(PAIRS):
        calls = [
            lambda p=p, n=n, k=k, seen=seen: p.post(
                f"/api/v1/layers/{layer}/styles",
                {"document": {"width": 1 + n / 10 + k / 100}, "revision": seen},
            )
            for k, p in enumerate(two)
        ]
        seen = one_wins(calls)["revision"]
    assert len(two[0].get(f"/api/v1/layers/{layer}").json["all_styles"]) == PAIRS


def test_of_two_who_split_a_cell_one_wins(city: Any, two: tuple[Program, Program]) -> None:
    cell, top = CELL, SOUTH + STEP
    for n in range(12):
        # Each split leaves the northern piece, which the next pair splits.
        height = top - STEP * 0.8 * 0.8**n
        line = [[WEST - STEP / 9, height], [WEST + STEP * 1.1, height]]
        body = {"verb": "split", "cells": [cell], "line": line}
        calls = [lambda p=p, body=body: p.post("/api/v1/cells/edits", body) for p in two]
        begun = one_wins(calls)["begun"]
        undone = [lambda p=p: p.post(f"/api/v1/cells/edits/{max_edit(city)}/undo", {}) for p in two]
        if n % 3 == 2:
            one_wins(undone)
        else:
            cell = north(city, begun)
    ((over,),) = ask(
        city,
        "SELECT abs(sum(ST_Area(geom)) - ST_Area(ST_Union(geom))) * 1e10 FROM cells"
        " WHERE ended_on IS NULL",
    )
    assert over < 1


def max_edit(app: Any) -> int:
    return int(ask(app, "SELECT max(id) FROM cell_edits WHERE undoes IS NULL")[0][0])


def north(app: Any, codes: list[str]) -> str:
    listed = "', '".join(codes)
    return str(
        ask(app, f"SELECT code FROM cells WHERE code IN ('{listed}') ORDER BY ST_YMax(geom) DESC")[
            0
        ][0]
    )


def test_of_two_who_finish_and_check_a_cell_of_a_survey_one_wins(
    city: Any, two: tuple[Program, Program]
) -> None:
    area = "379902001001"
    body = {"name": "普查", "area": area, "kinds": ["0103"], "due_on": "2027-01-31"}
    survey = f"/api/v1/surveys/{two[0].post('/api/v1/surveys', body).json['id']}"
    surveyors = [Program(city, name) for name in ("inspector", "inspector2")]
    cells = [row["cell"] for row in two[0].get(f"{survey}/cells", limit=500).json["items"]]
    for cell in cells:
        done = at_once(
            [lambda p=p, c=cell: p.post(f"{survey}/cells/{c}/done", {}) for p in surveyors]
        )
        assert sorted(answer.status_code for answer in done) == [201, 422]
    noted = "SELECT subject, count(*) FROM audit WHERE action = 'survey.finish' GROUP BY 1"
    assert {n for _, n in ask(city, noted)} == {1}
    closing = at_once([lambda p=p: p.post(f"{survey}/close", {}) for p in two])
    assert sorted(answer.status_code for answer in closing) == [201, 422]


def import_of(app: Any, admin: Program, n: int) -> int:
    rows = "".join(
        f"{WEST + i * 0.0002:.6f},{36.601 + n * 0.0003:.6f},N-{n}-{i}\n" for i in range(9)
    )
    told = {
        "upload": working.send(admin, "t.csv", f"lon,lat,no\n{rows}".encode()),
        "kind": "0402",
        "mapping": {"columns": {"lon": "lon", "lat": "lat", "external_id": "no"}},
    }
    number = int(admin.post("/api/v1/part-imports", told).json["id"])
    settle(app)
    return number


def settle(app: Any) -> None:
    doers = jobs.handlers(app.extensions["sessions"], app.config["SETTINGS"])
    while queue.run_one(app.extensions["sessions"], doers):
        pass


def test_of_two_who_apply_undo_or_drop_an_import_one_wins(
    city: Any, two: tuple[Program, Program]
) -> None:
    for n in range(4):
        number = import_of(city, two[0], n)
        for deed, state in (("apply", "applied"), ("undo", "undone")):
            path = f"/api/v1/part-imports/{number}/{deed}"
            one_wins([lambda p=p, path=path: p.post(path, {}) for p in two], current=False)
            other = "undo" if deed == "apply" else "drop"
            late = two[0].post(f"/api/v1/part-imports/{number}/{other}", {})
            assert late.status_code == 409
            settle(city)
            assert two[0].get(f"/api/v1/part-imports/{number}").json["state"] == state


def test_of_two_workers_that_apply_the_same_import_one_does(
    city: Any, two: tuple[Program, Program], tmp_path: Path
) -> None:
    sessions = city.extensions["sessions"]
    doers = jobs.handlers(sessions, city.config["SETTINGS"])
    for n in range(5, 9):
        number = import_of(city, two[0], n)
        assert two[0].post(f"/api/v1/part-imports/{number}/apply", {}).status_code == 201
        ask(
            city,
            "INSERT INTO jobs (name, args, actor_id, title) SELECT name, args, actor_id, title"
            " FROM jobs WHERE name = 'apply_parts' AND done_at IS NULL RETURNING id",
        )
        at_once([lambda: queue.run_one(sessions, doers)] * 2)
        settle(city)
        ended = "SELECT ended FROM jobs WHERE name = 'apply_parts' ORDER BY id DESC LIMIT 2"
        assert sorted(row.ended for row in ask(city, ended)) == ["done", "refused"]
        kept = f"SELECT count(*), count(DISTINCT code) FROM parts WHERE external_id LIKE 'N-{n}-%'"
        assert ask(city, kept) == [(9, 9)]
