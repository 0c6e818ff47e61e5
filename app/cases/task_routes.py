"""Tasks to people in the field over HTTP."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import errands
from app.cases.tasks import queries, rules
from app.cases.tasks.queries import Wanted
from app.cases.tasks.service import Order
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once
from app.places import queries as places

bp = Blueprint("tasks", __name__, url_prefix="/api/v1/tasks")
LONGEST = 3 * 24 * 60
"""Minutes an order may take."""


@bp.get("")
@requires("task.read")
def list_tasks() -> ResponseReturnValue:
    """Return the newest tasks that fit: the own ones, or all of the area for who gives tasks."""
    wanted = _wanted(request.args)
    with reading() as session:
        return jsonify(queries.page(session, actor(), wanted, at=clock.now()))


def _wanted(args: Mapping[str, Any]) -> Wanted:
    return Wanted(
        purpose=_one_of(args, "purpose", rules.PURPOSES),
        state=_one_of(args, "state", rules.STATES),
        overdue=args.get("overdue") == "true",
        mine=args.get("mine") == "true",
        case=fields.identifier(args.get("case"), "case"),
        after=fields.integer(args, "after", most=2**62) if args.get("after") else None,
        limit=fields.integer(args, "limit", least=1, most=200) if args.get("limit") else 50,
    )


def _one_of(given: Mapping[str, Any], name: str, known: Any) -> str:
    value = fields.text(given, name, most=20)
    if value and value not in known:
        raise Refused(sentence("“%(value)s” is not one of the choices."), value=value).about(name)
    return value


@bp.get("/<uuid:task>")
@requires("task.read")
def show_task(task: UUID) -> ResponseReturnValue:
    """Return one task: who was sent where, how they were chosen, and what came of it."""
    with reading() as session:
        return jsonify(queries.shown(queries.one(session, task, actor()), clock.now()))


@bp.post("")
@requires("task.give")
def add_task() -> ResponseReturnValue:
    """Send an inspector to a place, or to an open case, for an urgent look or a survey."""
    body = json_body()
    ref = fields.text(body, "case", most=40)
    spot = (0.0, 0.0) if ref else _spot(body)
    purpose = _one_of(body, "purpose", ("urgent", "survey")) or "urgent"
    note = fields.text(body, "note", required=True, most=500)
    wish = Order(purpose, *spot, "", note, _person(body), _minutes(body))

    def work(session: Session) -> dict[str, Any]:
        if ref:
            meant = errands.about_case(session, ref, wish, actor=actor())
        else:
            meant = replace(wish, cell=places.locate(session, *spot).cell)
        return errands.order(session, meant, actor=actor(), at=clock.now())

    return jsonify(once(work, body)), 201


def _spot(body: Mapping[str, Any]) -> tuple[float, float]:
    system = fields.text(body, "coord_sys", most=12) or "cgcs2000"
    return places.admit(fields.number(body, "lon"), fields.number(body, "lat"), system)


def _minutes(body: Mapping[str, Any]) -> int:
    if body.get("minutes") in (None, ""):
        return 30
    return fields.integer(body, "minutes", least=5, most=LONGEST)


def _person(body: Mapping[str, Any]) -> int | None:
    """Return the inspector that was named, None where the system is to choose."""
    if body.get("inspector") in (None, "", rules.AUTO):
        return None
    return fields.integer(body, "inspector", least=1)


@bp.post("/<uuid:task>/answers")
@requires("task.answer")
def answer_task(task: UUID) -> ResponseReturnValue:
    """Answer a task; one about a case is answered as the step of that case."""
    body = json_body()
    found = errands.Found(
        result=fields.text(body, "result", most=4_000),
        photos=tuple(str(photo) for photo in fields.identifiers(body, "photos")),
        answers=_answers(body),
    )
    answer = once(
        lambda session: errands.answer(session, task, found, actor=actor(), at=clock.now()), body
    )
    return jsonify(answer), 201


def _answers(body: Mapping[str, Any]) -> dict[str, Any]:
    given = body.get("answers") or {}
    if not isinstance(given, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field="answers").about("answers")
    return given


@bp.post("/<uuid:task>/reassignments")
@requires("task.give")
def reassign_task(task: UUID) -> ResponseReturnValue:
    """Give an open task to another inspector: the one named, or a new choice of the system's."""
    body = json_body()
    answer = once(
        lambda session: errands.reassign(
            session, task, _person(body), actor=actor(), at=clock.now()
        ),
        body,
    )
    return jsonify(answer), 201


@bp.get("/pairs")
@requires("task.oversee")
def list_pairs() -> ResponseReturnValue:
    """Return who was verified by whom how often over ``days`` (90), against what chance gives."""
    days = (
        fields.integer(request.args, "days", least=1, most=3650) if "days" in request.args else 90
    )
    now = clock.local(clock.now())
    begins = datetime.combine(now.date() - timedelta(days=days), time(), clock.CITY_TIME)
    with reading() as session:
        return jsonify(queries.pairs(session, actor(), since=begins, until=now))
