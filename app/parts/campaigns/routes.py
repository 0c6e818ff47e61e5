"""Surveys of parts over HTTP."""

import json
from collections.abc import Callable
from datetime import date
from random import SystemRandom
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel import attempts, fields
from app.kernel.auth import requires
from app.kernel.db import reading, transaction
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, request_key
from app.parts.campaigns import queries, rules, service

bp = Blueprint("surveys", __name__, url_prefix="/api/v1/surveys")


@bp.get("")
@requires("survey.read")
def list_surveys() -> ResponseReturnValue:
    """Return all surveys with their progress, open ones first."""
    with reading() as session:
        return jsonify(items=queries.every(session))


@bp.get("/<int:survey>")
@requires("survey.read")
def show_survey(survey: int) -> ResponseReturnValue:
    """Return one survey with its progress."""
    with reading() as session:
        return jsonify(queries.one(session, survey))


@bp.get("/<int:survey>/cells")
@requires("survey.read")
def list_cells(survey: int) -> ResponseReturnValue:
    """Return the cells of a survey by state, in order."""
    state = fields.text(request.args, "state", most=10)
    if state and state not in rules.CELL_STATES:
        raise Refused(sentence("“%(value)s” is not one of the choices."), value=state).about(
            "state"
        )
    limit = (
        fields.integer(request.args, "limit", least=1, most=500) if "limit" in request.args else 100
    )
    with reading() as session:
        queries.one(session, survey)
        page = queries.cells(
            session,
            survey,
            state=state,
            drawn=request.args.get("drawn") == "true",
            actor=actor(),
            after=fields.text(request.args, "after", most=20),
            limit=limit,
        )
    return jsonify(page)


@bp.get("/<int:survey>/cells/<cell>")
@requires("survey.read")
def show_cell(survey: int, cell: str) -> ResponseReturnValue:
    """Return a cell of a survey with the parts to look at and what was found of them."""
    with reading() as session:
        return jsonify(queries.cell(session, survey, cell))


@bp.post("")
@requires("survey.manage")
def begin_survey() -> ResponseReturnValue:
    """Begin a survey of an area, of some kinds or of all, with a deadline."""

    def work(session: Session, body: dict[str, Any]) -> dict[str, Any]:
        kinds = body.get("kinds") or []
        if not isinstance(kinds, list):
            raise Refused(
                sentence("“%(field)s” must be a list of at most %(most)s."), field="kinds", most=200
            ).about("kinds")
        number = service.begin(
            session,
            name=fields.text(body, "name", required=True, most=80),
            area=fields.text(body, "area", required=True, most=12),
            kinds=[fields.text({"kind": kind}, "kind", most=12) for kind in kinds],
            due_on=_day(fields.text(body, "due_on", required=True, most=10)),
            actor=actor(),
        )
        return queries.one(session, number)

    return _once(work), 201


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Refused(sentence("Write the day like 2026-11-23.")).about("due_on") from None


@bp.post("/<int:survey>/cells/<cell>/findings")
@requires("survey.work")
def add_finding(survey: int, cell: str) -> ResponseReturnValue:
    """Record what was found of a part, or add one that the register lacks."""

    def work(session: Session, body: dict[str, Any]) -> dict[str, Any]:
        changes = body.get("changes") or {}
        if not isinstance(changes, dict):
            raise Refused(sentence("“%(field)s” must be an object."), field="changes").about(
                "changes"
            )
        note = fields.text(body, "note", most=400)
        if body.get("part"):
            return service.judge(
                session,
                survey,
                cell,
                part=fields.text(body, "part", most=20),
                verdict=fields.text(body, "verdict", required=True, most=12),
                changes=changes,
                note=note,
                seen=fields.integer(body, "seen", least=1),
                actor=actor(),
            )
        geometry = body.get("geometry")
        if not isinstance(geometry, dict):
            raise Refused(sentence("“%(field)s” is missing."), field="geometry").about("geometry")
        return service.add(
            session,
            survey,
            cell,
            kind=fields.text(body, "kind", required=True, most=12),
            geometry=geometry,
            coord_sys=fields.text(body, "coord_sys", most=12) or "cgcs2000",
            changes=changes,
            note=note,
            actor=actor(),
        )

    return _once(work), 201


@bp.post("/<int:survey>/cells/<cell>/done")
@requires("survey.work")
def finish_cell(survey: int, cell: str) -> ResponseReturnValue:
    """Finish a cell in which every part was looked at."""
    return _once(lambda session, _: service.finish(session, survey, cell, actor=actor())), 201


@bp.post("/<int:survey>/samples")
@requires("survey.check")
def draw_sample(survey: int) -> ResponseReturnValue:
    """Draw finished cells for a second look, as many as the rules ask for."""

    def work(session: Session, _: dict[str, Any]) -> dict[str, Any]:
        chance = SystemRandom()
        return {"cells": service.draw(session, survey, actor=actor(), chance=chance)}

    return _once(work), 201


@bp.post("/<int:survey>/samples/<cell>")
@requires("survey.check")
def check_cell(survey: int, cell: str) -> ResponseReturnValue:
    """Record what the second look found; the cell passes or is surveyed again."""

    def work(session: Session, body: dict[str, Any]) -> dict[str, Any]:
        counts = {
            name: fields.integer(body, name, most=10_000) for name in ("missed", "surplus", "wrong")
        }
        return service.check(session, survey, cell, **counts, actor=actor())

    return _once(work), 201


@bp.post("/<int:survey>/close")
@requires("survey.manage")
def close_survey(survey: int) -> ResponseReturnValue:
    """Close a survey: accepted if all cells are done and the sample passed."""

    def work(session: Session, _: dict[str, Any]) -> dict[str, Any]:
        service.close(session, survey, actor=actor())
        return queries.one(session, survey)

    return _once(work), 201


def _once(work: Callable[[Session, dict[str, Any]], dict[str, Any]]) -> Any:
    """Do ``work`` once for each retry key, and return its answer."""
    body = json_body() if request.get_data(cache=True) else {}
    mark = attempts.fingerprint(request.path, body)
    with transaction() as session:
        answer = attempts.former(session, actor(), request_key(), mark)
        if answer is None:
            answer = json.loads(json.dumps(work(session, body), default=str))
            attempts.keep(session, actor(), request_key(), answer)
    return jsonify(answer)
