"""The leader's pages: rankings, the cases behind every figure, late areas, the phone page."""

from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from app.evaluation import service
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import NotFound, sentence
from app.kernel.http import actor
from app.leader import boards
from app.places import queries as places
from app.reports import areas, bulletins

bp = Blueprint("leader", __name__)
RED_LIST = 20


@bp.get("/evaluation")
@requires("evaluation.read")
def evaluation() -> ResponseReturnValue:
    """Show how objects stand in a period, and how each score came about."""
    at = clock.now()
    wanted = boards.asked(request.args, at)
    with reading() as session:
        told = {
            "ranking": boards.ranking(session, wanted, at),
            "spread": boards.spread(session, wanted),
            "schemes": boards.schemes(session, wanted),
            "city": places.city(session),
            "bulletins": bulletins.listed(session),
        }
    return render_template(
        "leader/evaluation.html", asked=wanted, steps=boards.steps(wanted.period), **told
    )


@bp.get("/evaluation/<objects>/trend")
@requires("evaluation.read")
def trend(objects: str) -> ResponseReturnValue:
    """Return the scores over the last twelve periods."""
    at = clock.now()
    with reading() as session:
        return jsonify(boards.trend(session, boards.asked(request.args, at, objects=objects), at))


@bp.get("/evaluation/regions/atlas")
@requires("evaluation.read")
def atlas() -> ResponseReturnValue:
    """Return the areas of the thematic map with what is drawn of them."""
    at = clock.now()
    with reading() as session:
        wanted = boards.asked(request.args, at, objects="regions")
        return jsonify(boards.atlas(session, wanted, at))


@bp.get("/evaluation/<objects>/<code>/cases")
@requires("evaluation.read")
def cases_behind(objects: str, code: str) -> ResponseReturnValue:
    """List exactly the cases that one figure of one object counts."""
    at, indicator = clock.now(), fields.text(request.args, "indicator", most=60)
    wanted = boards.asked(request.args, at, objects=objects)
    with reading() as session:
        items = service.cases_behind(
            session, objects, code, indicator, wanted.period,
            actor=actor(), at=at, level=wanted.level, post=wanted.post,
        )  # fmt: skip
        ranking = boards.ranking(session, wanted, at)
    row = _row_of(ranking, code)
    return render_template(
        "leader/cases.html", items=items, row=row, ranking=ranking, asked=wanted,
        indicator=indicator,
    )  # fmt: skip


@bp.get("/evaluation/spread")
@requires("evaluation.read")
def spread_cases() -> ResponseReturnValue:
    """List exactly the cases of one kind, source or hour of the spread."""
    at = clock.now()
    wanted = boards.asked(request.args, at)
    part: dict[str, Any] = {
        "kind": fields.text(request.args, "kind", most=10),
        "source": fields.text(request.args, "source", most=4),
    }
    if hour := fields.text(request.args, "hour", most=2):
        part["hour"] = fields.integer({"hour": hour}, "hour", least=0, most=23)
    with reading() as session:
        items = boards.spread_cases(session, wanted, part, actor=actor(), at=at)
    return render_template("leader/spread.html", items=items, asked=wanted)


@bp.get("/evaluation/late")
@requires("evaluation.read")
def late() -> ResponseReturnValue:
    """List the open cases that are late in an area, with the departments that owe them."""
    area, at = fields.text(request.args, "area", most=14), clock.now()
    if area and not area.isdecimal():
        raise NotFound(sentence("There is no such area."), area=area)
    with reading() as session:
        items = areas.late_cases(session, area, actor=actor(), at=at)
        name = areas.name_of(session, area) if area else ""
    owing = areas.owing(items)
    return render_template("leader/late.html", items=items, area=area, name=name, owing=owing)


@bp.get("/leader")
@requires("evaluation.read")
def phone() -> ResponseReturnValue:
    """Show the phone page: five cards, and the cases that are late."""
    at = clock.now()
    wanted = boards.asked(request.args, at, objects="departments")
    with reading() as session:
        ranking = boards.ranking(session, wanted, at)
        items = areas.late_cases(session, "", actor=actor(), at=at)
    return render_template(
        "leader/phone.html", ranking=ranking, asked=wanted, late=len(items),
        items=items[:RED_LIST], totals=_totals(ranking["rows"]),
    )  # fmt: skip


def _totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return the sum of each indicator over all rows."""
    found: dict[str, int] = {}
    for row in rows:
        for code, n in row["indicators"].items():
            found[code] = found.get(code, 0) + (n if isinstance(n, int) else 0)
    return found


def _row_of(ranking: dict[str, Any], code: str) -> dict[str, Any]:
    """Return the row of the object ``code``, or raise ``NotFound``."""
    for row in ranking["rows"]:
        if row["object"] == code:
            found: dict[str, Any] = row
            return found
    raise NotFound(sentence("There is no such object in this ranking."), object=code)
