"""The entrance to the administrators' pages, and the work going on in the background."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.admin import queries
from app.kernel import job_routes as jobs
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("/")
@requires("admin.use")
def home() -> ResponseReturnValue:
    """Show what a new city still lacks, where it is made, and the newest background jobs."""
    with reading() as session:
        return render_template(
            "admin/home.html",
            steps=queries.first_steps(session),
            jobs=jobs.latest(session, actor()),
        )
