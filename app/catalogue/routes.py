"""The handbook over HTTP: limits, calendars, who works by them, the routing table."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.catalogue import forms, queries, service, table
from app.catalogue.forms import HoursForm, LimitForm, TableForm
from app.catalogue.rules import GRADES
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.clock import local
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once

bp = Blueprint("catalogue", __name__, url_prefix="/api/v1")


@bp.get("/handbook/conditions")
@requires("handbook.edit")
def list_conditions() -> ResponseReturnValue:
    """Return the conditions of a kind as of today, each with its limit in every grade."""
    kind, today = fields.text(request.args, "kind", required=True, most=12), _today()
    with reading() as session:
        book = queries.handbook(session, actor().handbook)
    return jsonify(items=queries.limits(book, book.kind(kind).id, today))


@bp.post("/handbook/conditions/<int:number>/limits")
@requires("handbook.edit")
def change_limit(number: int) -> ResponseReturnValue:
    """Give a filing condition another limit from a day on, for all grades or for one."""
    body = json_body()
    form = LimitForm.read(body)
    return jsonify(once(lambda s: service.change_limit(s, actor(), number, form), body)), 201


@bp.post("/handbook/shares")
@requires("handbook.edit")
def set_shares() -> ResponseReturnValue:
    """Set what the limits of grades A, B and C are of the city's one value."""
    body = json_body()
    since, shares = forms.day(body, "effective_from"), {g: _share(body, g) for g in GRADES}
    answer = once(lambda s: service.set_shares(s, actor(), since, shares, today=_today()), body)
    return jsonify(answer), 201


def _share(body: dict[str, Any], grade: str) -> float:
    share = fields.number(body, grade)
    if not 0.1 <= share <= 9.99:
        raise Refused(sentence("A share must be a number between 0.1 and 9.99.")).about(grade)
    return share


@bp.post("/handbook/calendars")
@requires("handbook.edit")
def set_hours() -> ResponseReturnValue:
    """Give a calendar, new or not, opening spans and weekdays from a day on."""
    body = json_body()
    form = HoursForm.read(body)
    return jsonify(once(lambda s: service.set_hours(s, actor(), form), body)), 201


@bp.post("/handbook/calendars/<name>/days")
@requires("handbook.edit")
def set_day(name: str) -> ResponseReturnValue:
    """Make a day of a calendar a day off (false), worked (true), or as its week says (null)."""
    body = json_body()
    day, working = forms.day(body, "day"), body.get("working")
    if working is not None and not isinstance(working, bool):
        raise Refused(sentence("“%(field)s” must be true or false."), field="working").about(
            "working"
        )
    called = fields.text(body, "name", most=40)
    answer = once(
        lambda s: service.set_day(s, actor(), name, day, working=working, name=called), body
    )
    return jsonify(answer), 201


@bp.post("/handbook/assignments")
@requires("handbook.edit")
def assign() -> ResponseReturnValue:
    """Have a department or a post work by a calendar from a day on."""
    body = json_body()
    told = {name: fields.text(body, name, required=True, most=60) for name in ("whose", "code")}
    calendar = fields.text(body, "calendar", most=40) or None
    since = forms.day(body, "effective_from")
    answer = once(
        lambda s: service.assign(s, actor(), **told, calendar=calendar, since=since), body
    )
    return jsonify(answer), 201


@bp.get("/routes")
@requires("handbook.edit")
def list_routes() -> ResponseReturnValue:
    """Return the routing table, by kind and area."""
    with reading() as session:
        book = queries.handbook(session, actor().handbook)
    return jsonify(items=queries.table(book))


@bp.post("/routes")
@requires("handbook.edit")
def store_routes() -> ResponseReturnValue:
    """Change rows of the routing table; a tie is refused, naming the other row."""
    body = json_body()
    form = TableForm.read(body)
    return jsonify(once(lambda s: table.store(s, actor(), form), body)), 201


@bp.post("/handbook/beats")
@requires("handbook.edit")
def give_beat() -> ResponseReturnValue:
    """Have a beat (责任网格) belong to a department, for all kinds or some."""
    body = json_body()
    beat = fields.integer(body, "beat")
    told = {"kind": fields.text(body, "kind", most=12)}
    told["department"] = fields.text(body, "department", most=60)
    return jsonify(once(lambda s: table.give_beat(s, actor(), beat=beat, **told), body)), 201


def _today() -> Any:
    return local(clock.now()).date()
