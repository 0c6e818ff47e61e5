"""Urging and supervision orders over HTTP."""

from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.cases.pressure import queries, service
from app.catalogue.rules import UNITS, Limit
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once

bp = Blueprint("pressure", __name__, url_prefix="/api/v1")
STATES = ("open", "answered", "ended")
VERDICTS = {"accepted": True, "again": False}


@bp.post("/cases/<ref>/urges")
@requires("case.urge")
def urge_case(ref: str) -> ResponseReturnValue:
    """Press for a case (催办): who holds it is told."""
    body = json_body()
    words = fields.text(body, "words", required=True, most=500)
    done = once(lambda s: service.urge(s, ref, words, actor=actor(), at=clock.now()), body)
    return jsonify(done), 201


@bp.post("/cases/<ref>/orders")
@requires("case.instruct")
def give_order(ref: str) -> ResponseReturnValue:
    """Give a supervision order (督办) about a case, with a limit and a weight of its own."""
    body = json_body()
    words, limit = fields.text(body, "words", required=True, most=1_000), _limit(body)
    weight = fields.number(body, "weight") if "weight" in body else 1.0
    at = clock.now()
    done = once(
        lambda s: service.instruct(s, ref, words, limit, weight, actor=actor(), at=at), body
    )
    return jsonify(done), 201


def _limit(body: dict[str, object]) -> Limit:
    value, unit = fields.number(body, "limit"), fields.text(body, "unit", required=True, most=4)
    if unit not in UNITS or not 0 < value <= 1_000:
        raise Refused(
            sentence("The limit must be above 0 and at most 1000, its unit one of %(units)s."),
            units=", ".join(UNITS),
        ).about("limit")
    return Limit(value, unit)


@bp.get("/orders")
@requires("case.read")
def list_orders() -> ResponseReturnValue:
    """Return the newest supervision orders that the asker may see, with their lamps."""
    args = request.args
    state = fields.text(args, "state", most=10)
    if state and state not in STATES:
        raise Refused(sentence("“state” must be open, answered or ended.")).about("state")
    after = fields.integer(args, "after", most=2**62) if args.get("after") else None
    most = fields.integer(args, "limit", least=1, most=200) if args.get("limit") else 50
    with reading() as session:
        return jsonify(
            queries.page(session, actor(), state=state, after=after, most=most, at=clock.now())
        )


@bp.post("/orders/<uuid:uid>/answers")
@requires("case.handle")
def answer_order(uid: UUID) -> ResponseReturnValue:
    """Answer a supervision order as the department that holds the case."""
    body = json_body()
    words = fields.text(body, "words", required=True, most=2_000)
    done = once(lambda s: service.answer(s, uid, words, actor=actor(), at=clock.now()), body)
    return jsonify(done), 201


@bp.post("/orders/<uuid:uid>/decisions")
@requires("case.instruct")
def decide_order(uid: UUID) -> ResponseReturnValue:
    """Judge the answer to a supervision order: accepted, or again with a new clock."""
    body = json_body()
    words = fields.text(body, "words", most=1_000)
    verdict = fields.text(body, "verdict", required=True, most=10)
    if verdict not in VERDICTS:
        raise Refused(sentence("“verdict” must be accepted or again.")).about("verdict")
    enough, at = VERDICTS[verdict], clock.now()
    done = once(lambda s: service.decide(s, uid, words, enough=enough, actor=actor(), at=at), body)
    return jsonify(done), 201
