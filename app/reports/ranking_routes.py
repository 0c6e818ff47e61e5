"""Files of rankings and monthly bulletins over HTTP."""

from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, jsonify, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel import audit, fields, job_routes, queue
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import NotFound, sentence
from app.kernel.http import actor, json_body, once
from app.parts.exports import place
from app.reports import bulletins, rankings

bp = Blueprint("ranking_files", __name__, url_prefix="/api/v1")
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".html": "text/html",
}


@bp.post("/evaluation-exports")
@requires("evaluation.read")
def ask_export() -> ResponseReturnValue:
    """Have a ranking written to a file in the background; the answer names the job."""
    body = json_body()
    told: dict[str, Any] = {
        name: fields.text(body, name, most=60) for name in ("level", "post", "scheme")
    }
    objects = fields.text(body, "objects", required=True, most=20)
    period = fields.text(body, "period", required=True, most=40)
    form = rankings.check_format(fields.text(body, "format", required=True, most=20), objects)

    def ask(session: Session) -> dict[str, int | None]:
        named = f"{rankings.title(objects, told['level'], told['post'])} {period} ({form})"
        audit.note(session, actor(), "job.export_ranking", period)
        job = queue.defer(
            session, "export_ranking", actor=actor(), title=named, form=form,
            objects=objects, period=period, **told,
        )  # fmt: skip
        return {"job": job}

    return jsonify(once(ask, body)), 201


@bp.get("/evaluation-exports/<int:job>")
@requires("evaluation.read")
def take_export(job: int) -> ResponseReturnValue:
    """Send a file that is written."""
    with reading() as session:
        found = job_routes.find(session, actor(), job)
    name = (found.get("result") or {}).get("name", "-")
    path = place(current_app.config["DATA"], job) / name
    if found["name"] != "export_ranking" or not path.is_file():
        raise NotFound(sentence("There is no such file: ask for one; files are kept for a week."))
    return send_file(
        path, mimetype=TYPES[path.suffix], as_attachment=True, download_name=name, max_age=0
    )


@bp.get("/bulletins")
@requires("evaluation.read")
def list_bulletins() -> ResponseReturnValue:
    """Return the monthly bulletins, the newest first."""
    with reading() as session:
        found = bulletins.listed(session)
    items = [{"month": one["month"], "written_at": one["written_at"].isoformat()} for one in found]
    return jsonify(items=items)


@bp.get("/bulletins/<month>")
@requires("evaluation.read")
def show_bulletin(month: str) -> ResponseReturnValue:
    """Send the bulletin of a month (PDF)."""
    with reading() as session:
        made = bulletins.content(session, month)
    return send_file(BytesIO(made), mimetype="application/pdf", download_name=f"{month}.pdf")
