"""Cases over HTTP."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import queries, service
from app.cases.forms import Filters, ReportForm, StepForm
from app.kernel import clock
from app.kernel.attempts import Retry
from app.kernel.auth import requires
from app.kernel.db import at_once, reading
from app.kernel.http import actor, json_body, unless_done

bp = Blueprint("cases", __name__, url_prefix="/api/v1/cases")


@bp.post("")
@requires("case.create")
def add_case() -> ResponseReturnValue:
    """Begin a case from a report (上报): place it, start its clock, tell the screens."""
    who, body = actor(), json_body()
    form = ReportForm.read(body, who)

    def work(session: Session, retry: Retry) -> dict[str, Any]:
        return service.report(session, form, actor=who, at=clock.now(), retry=retry)

    return jsonify(unless_done(work, body, at_once)), 201


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
    who, body = actor(), json_body()
    form = StepForm.read(body)

    def work(session: Session, retry: Retry) -> dict[str, Any]:
        return service.act(session, ref, form, actor=who, at=clock.now(), retry=retry)

    return jsonify(unless_done(work, body)), 201
