"""Cases over HTTP."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.cases import queries, service
from app.cases.forms import Filters, ReportForm, StepForm
from app.kernel import attempts, clock
from app.kernel.auth import requires
from app.kernel.db import reading, transaction
from app.kernel.http import actor, json_body, request_key

bp = Blueprint("cases", __name__, url_prefix="/api/v1/cases")


@bp.post("")
@requires("case.create")
def add_case() -> ResponseReturnValue:
    """Begin a case from a report (上报): place it, start its clock, tell the screens."""
    who, key, body = actor(), request_key(), json_body()
    form = ReportForm.read(body, who)
    mark = attempts.fingerprint(request.path, body)
    with transaction() as session:
        answer = attempts.former(session, who, key, mark) or service.report(
            session, form, actor=who, at=clock.now(), key=key
        )
    return jsonify(answer), 201


@bp.get("")
@requires("case.read")
def list_cases() -> ResponseReturnValue:
    """Return the newest cases that fit the filters, with the key of the next page."""
    filters = Filters.read(request.args)
    with reading() as session:
        page = queries.page(session, actor(), filters, at=clock.now())
    return jsonify(items=page.items, next=None if page.next is None else str(page.next))


@bp.get("/<ref>")
@requires("case.read")
def show_case(ref: str) -> ResponseReturnValue:
    """Return one case with its clock, its journal, and what the asker may do now."""
    with reading() as session:
        return jsonify(service.view(session, ref, actor=actor(), at=clock.now()))


@bp.get("/<ref>/steps")
@requires("case.read")
def list_steps(ref: str) -> ResponseReturnValue:
    """Return the journal (办理经过) of a case."""
    with reading() as session:
        return jsonify(items=service.steps(session, ref, actor=actor()))


@bp.post("/<ref>/steps")
@requires("case.read")
def add_step(ref: str) -> ResponseReturnValue:
    """Carry out one action on a case (立案、派遣、反馈……).

    Which actions exist, who may take them and what they ask for is in the flow
    table; this view is the same for all of them.
    """
    who, key, body = actor(), request_key(), json_body()
    form = StepForm.read(body)
    mark = attempts.fingerprint(request.path, body)
    with transaction() as session:
        answer = attempts.former(session, who, key, mark) or service.act(
            session, ref, form, actor=who, at=clock.now(), key=key
        )
    return jsonify(answer), 201
