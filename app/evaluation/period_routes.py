"""Signing periods, appeals from a score, and marks from outside, over HTTP."""

from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.evaluation import appeals, freezing, outside, service
from app.evaluation.routes import chosen
from app.kernel import clock, fields, uploads
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once

bp = Blueprint("periods", __name__, url_prefix="/api/v1")


def _asked(body: Any, objects: str, period: str) -> service.Asked:
    """Return the ranking that a request is about."""
    told = {name: fields.text(body, name, most=60) for name in ("level", "post", "scheme")}
    return service.asked(objects, period, at=clock.now(), **told)


def _truth(body: dict[str, Any], name: str) -> bool:
    if not isinstance(body.get(name), bool):
        raise Refused(sentence("“%(field)s” must be true or false."), field=name).about(name)
    return bool(body[name])


@bp.post("/evaluations/<objects>/periods/<period>/signatures")
@requires("evaluation.sign")
def sign(objects: str, period: str) -> ResponseReturnValue:
    """Sign a period: the first signature proposes, that of another person freezes."""
    body, who = json_body(), actor()
    who.require_whole_city()
    wanted, anew = _asked(body, objects, period), body.get("anew") is True

    def work(session: Any) -> dict[str, Any]:
        return freezing.sign(session, wanted, actor=who, at=clock.now(), anew=anew)

    return jsonify(once(work, body)), 201


@bp.get("/evaluations/<objects>/periods/<period>/versions")
@requires("evaluation.read")
def list_versions(objects: str, period: str) -> ResponseReturnValue:
    """Return the frozen versions of a period, and what waits for a second signature."""
    wanted = service.asked(objects, period, at=clock.now(), **chosen())
    with reading() as session:
        return jsonify(freezing.versions(session, wanted))


@bp.get("/score-appeals")
@requires("evaluation.read")
def list_appeals() -> ResponseReturnValue:
    """Return appeals, the newest first; a department sees its own."""
    after = fields.integer(request.args, "after") if request.args.get("after") else None
    state = fields.text(request.args, "state", most=20)
    with reading() as session:
        return jsonify(appeals.listed(session, state=state, actor=actor(), after=after))


@bp.post("/score-appeals")
@requires("evaluation.appeal")
def lodge() -> ResponseReturnValue:
    """Appeal from a figure, or from one case that it counts."""
    body, who = json_body(), actor()
    objects = fields.text(body, "objects", required=True, most=20)
    wanted = _asked(body, objects, fields.text(body, "period", required=True, most=40))
    told = {
        "object_": fields.text(body, "object", required=True, most=40),
        "indicator": fields.text(body, "indicator", required=True, most=60),
        "case": fields.text(body, "case", most=60),
        "reason": fields.text(body, "reason", required=True, most=2_000),
    }

    def work(session: Any) -> dict[str, Any]:
        return appeals.lodge(session, wanted, **told, actor=who, at=clock.now())

    return jsonify(once(work, body)), 201


@bp.post("/score-appeals/<int:number>/decision")
@requires("evaluation.review")
def decide(number: int) -> ResponseReturnValue:
    """Review an appeal: evaluators first, then a leader; a reason is owed either way."""
    body, who = json_body(), actor()
    who.require_whole_city()
    grant = _truth(body, "grant")
    reason = fields.text(body, "reason", required=True, most=2_000)

    def work(session: Any) -> dict[str, Any]:
        return appeals.decide(
            session, number, grant=grant, reason=reason, actor=who, at=clock.now()
        )

    return jsonify(once(work, body)), 201


@bp.get("/outside-marks")
@requires("evaluation.read")
def list_marks() -> ResponseReturnValue:
    """Return the marks from outside of a period, the newest first."""
    args = request.args
    period = fields.text(args, "period", most=40)
    objects = fields.text(args, "objects", most=20) or "departments"
    after = fields.integer(args, "after") if args.get("after") else None
    wanted = service.asked(objects, period, at=clock.now(), **chosen())
    with reading() as session:
        return jsonify(outside.listed(session, wanted.board, wanted.period, after=after))


@bp.post("/outside-marks")
@requires("evaluation.outside")
def record_mark() -> ResponseReturnValue:
    """Record one mark from outside."""
    body, who = json_body(), actor()
    who.require_whole_city()
    wanted = _asked(body, fields.text(body, "objects", required=True, most=20), "")

    def work(session: Any) -> dict[str, Any]:
        return outside.record(session, wanted.board, body, actor=who, at=clock.now())

    return jsonify(once(work, body)), 201


@bp.post("/outside-marks/<int:number>/withdrawal")
@requires("evaluation.outside")
def withdraw_mark(number: int) -> ResponseReturnValue:
    """Take a mark back; it stays in the list, struck out."""
    body, who = json_body(), actor()
    who.require_whole_city()

    def work(session: Any) -> dict[str, Any]:
        return outside.withdraw(session, number, actor=who, at=clock.now())

    return jsonify(once(work, body)), 201


@bp.post("/outside-marks/imports")
@requires("evaluation.outside")
def import_marks() -> ResponseReturnValue:
    """Import an uploaded table of marks (CSV or XLSX) in the background."""
    body, who = json_body(), actor()
    who.require_whole_city()
    wanted = _asked(body, fields.text(body, "objects", required=True, most=20), "")
    kind = fields.text(body, "kind", required=True, most=20)

    def work(session: Any) -> dict[str, Any]:
        number = fields.identifier(body.get("upload"), "upload")
        file = uploads.find(session, current_app.config["DATA"], number)
        return outside.begin_import(session, wanted.board, kind, file, actor=who)

    return jsonify(once(work, body)), 202
