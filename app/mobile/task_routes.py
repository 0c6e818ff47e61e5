"""One task without a case on a phone."""

from uuid import UUID

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from app.cases.tasks import queries
from app.cases.tasks.rules import AWAITED
from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor

bp = Blueprint("mobile_tasks", __name__, url_prefix="/m/tasks")


@bp.get("/<uuid:task>")
@requires("task.answer")
def show(task: UUID) -> ResponseReturnValue:
    """Show a task with the form to answer it; one a case waits for is on its sheet."""
    with reading() as session:
        found = queries.shown(queries.one(session, task, actor()), clock.now())
    if found["purpose"] in AWAITED:
        return redirect(f"/m/#sheet/{found['case']}")
    return render_template("mobile/task.html", task=found)
