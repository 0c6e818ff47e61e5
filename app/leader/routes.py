"""The leader's pages: rankings and the cases behind every figure."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.evaluation import service
from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import NotFound, sentence
from app.kernel.http import actor

bp = Blueprint("leader", __name__)


def _period() -> str:
    """Return the month asked for, or the present one."""
    return request.args.get("period") or clock.local(clock.now()).strftime("%Y-%m")


@bp.get("/evaluation")
@requires("evaluation.read")
def evaluation() -> ResponseReturnValue:
    """Show how the departments stand in a month, and how each score came about."""
    with reading() as session:
        ranking = service.ranking(session, "departments", _period(), at=clock.now())
    return render_template("leader/evaluation.html", ranking=ranking)


@bp.get("/evaluation/departments/<code>/cases")
@requires("evaluation.read")
def cases_behind(code: str) -> ResponseReturnValue:
    """List exactly the cases that one figure of one department counts."""
    indicator, period = request.args.get("indicator", ""), _period()
    with reading() as session:
        items = service.cases_behind(
            session, "departments", code, indicator, period, actor=actor(), at=clock.now()
        )
        ranking = service.ranking(session, "departments", period, at=clock.now())
    row = _row_of(ranking, code)
    return render_template(
        "leader/cases.html", items=items, row=row, ranking=ranking, indicator=indicator
    )


def _row_of(ranking: dict[str, Any], code: str) -> dict[str, Any]:
    """Return the row of the department ``code``, or raise ``NotFound``."""
    for row in ranking["rows"]:
        if row["object"] == code:
            found: dict[str, Any] = row
            return found
    raise NotFound(sentence("There is no such department."), department=code)
