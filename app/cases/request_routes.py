"""Requests about cases over HTTP."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import requests
from app.kernel import clock
from app.kernel.attempts import Retry
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor, json_body, unless_done

bp = Blueprint("requests", __name__, url_prefix="/api/v1/requests")


@bp.get("")
@requires("case.read")
def list_requests() -> ResponseReturnValue:
    """Return the newest requests that fit: all, open, ended, or those that wait for the asker."""
    wanted = requests.Wanted.read(request.args)
    with reading() as session:
        page = requests.page(session, actor(), wanted, at=clock.now())
    return jsonify(items=page.items, next=None if page.next is None else str(page.next))


@bp.get("/<uuid:uid>")
@requires("case.read")
def show_request(uid: UUID) -> ResponseReturnValue:
    """Return one request: who asked, why, who must agree, what came of it."""
    with reading() as session:
        return jsonify(requests.one(session, actor(), uid, at=clock.now()))


@bp.post("/<uuid:uid>/decisions")
@requires("case.read")
def decide_request(uid: UUID) -> ResponseReturnValue:
    """Review, grant, refuse or withdraw a request; the flow table says who may."""
    who, body = actor(), json_body()

    def work(session: Session, retry: Retry) -> dict[str, Any]:
        return requests.decide(session, uid, body, actor=who, at=clock.now(), retry=retry)

    return jsonify(unless_done(work, body)), 201
