"""Surveying parts on a phone: the cells to walk, and the parts of one cell."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.parts import queries as parts
from app.parts.campaigns import queries, rules

bp = Blueprint("mobile_surveys", __name__, url_prefix="/m/surveys")


@bp.get("")
@requires("survey.work")
def surveys() -> ResponseReturnValue:
    """List the open surveys with cells that the inspector covers, and those cells."""
    with reading() as session:
        found = queries.open_for(session, actor())
        cells = {
            survey["id"]: queries.cells(session, survey["id"], actor=actor(), limit=200)["items"]
            for survey in found
        }
    return render_template(
        "mobile/surveys.html", surveys=found, cells=cells, states=rules.CELL_STATES
    )


@bp.get("/<int:survey>/<cell>")
@requires("survey.work")
def survey_cell(survey: int, cell: str) -> ResponseReturnValue:
    """Show the parts of a cell that are to be looked at, with a verdict each."""
    with reading() as session:
        return render_template(
            "mobile/survey_cell.html",
            survey=queries.one(session, survey),
            cell=queries.cell(session, survey, cell),
            kinds=parts.kinds(session),
            verdicts=rules.VERDICT_WORDS,
            states=rules.CELL_STATES,
        )
