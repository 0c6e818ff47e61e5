"""Case sheets over HTTP: asking for one, and taking it away."""

from flask import Blueprint, current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import queries as cases
from app.kernel import audit, fields, job_routes, queue
from app.kernel.auth import requires
from app.kernel.db import reading, transaction
from app.kernel.errors import NotFound, sentence
from app.kernel.http import actor, json_body, once
from app.parts.exports import place
from app.reports import queries

bp = Blueprint("reports", __name__)


@bp.post("/api/v1/cases/<ref>/sheets")
@requires("case.read")
def ask_sheet(ref: str) -> ResponseReturnValue:
    """Have the sheet (案卷单) of a case written in the background; the answer names the job."""
    body = json_body()

    def ask(session: Session) -> dict[str, int | None]:
        row = cases.one(session, ref, actor())
        title = f"{row.number or row.uid}.pdf"
        job = queue.defer(session, "print_case", actor=actor(), title=title, uid=row.uid)
        audit.note(session, actor(), "job.print_case", row.uid)
        return {"job": job}

    return jsonify(once(ask, body)), 201


@bp.get("/cases/<ref>/sheet.pdf")
@requires("case.read")
def show_sheet(ref: str) -> ResponseReturnValue:
    """Send a sheet that is written: the one of ``job``, else the newest the reader asked for."""
    given = request.args.get("job")
    with reading() as session:
        uid = cases.one(session, ref, actor()).uid
        job = fields.integer(request.args, "job") if given else None
        job = job if given else queries.newest_sheet(session, actor().person_id, uid)
        found = job_routes.find(session, actor(), job) if job is not None else {}
    result = found.get("result") or {}
    path = place(current_app.config["DATA"], job or 0) / result.get("name", "-")
    if found.get("name") != "print_case" or result.get("uid") != uid or not path.is_file():
        raise NotFound(
            sentence("There is no such case sheet: ask for one; files are kept for a week.")
        )
    with transaction() as session:
        audit.note(session, actor(), "case.sheet", uid)
    return send_file(path, mimetype="application/pdf", download_name=path.name, max_age=0)
