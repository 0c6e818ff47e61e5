"""The pages of part surveys: all of them, and one with its cells and its sample."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.parts import queries as parts
from app.parts.campaigns import queries, rules
from app.places import queries as places

bp = Blueprint("admin_surveys", __name__, url_prefix="/admin/surveys")
SHOWN = 100


@bp.get("")
@requires("survey.read")
def show_all() -> ResponseReturnValue:
    """Show every survey with its progress, and the form that begins one."""
    with reading() as session:
        return render_template(
            "admin/surveys.html",
            surveys=queries.every(session),
            kinds=parts.kinds(session),
            areas=places.divided(session),
            today=clock.local(clock.now()).date().isoformat(),
        )


@bp.get("/<int:survey>")
@requires("survey.read")
def show(survey: int) -> ResponseReturnValue:
    """Show how far a survey is, cell by cell, and what the second look found."""
    state = request.args.get("state", "")
    state = state if state in rules.CELL_STATES else ""
    after = fields.text(request.args, "after", most=20)
    with reading() as session:
        return render_template(
            "admin/survey.html",
            survey=queries.one(session, survey),
            page=queries.cells(session, survey, state=state, after=after, limit=SHOWN),
            drawn=queries.cells(session, survey, drawn=True, limit=500)["items"],
            states=rules.CELL_STATES,
            state=state,
            city=places.city(session),
        )
