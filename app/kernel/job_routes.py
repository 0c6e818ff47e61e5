"""Background jobs that people asked for: how far they are, how they ended, stopping them."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.kernel import audit, queue
from app.kernel.auth import SIGNED_IN, Actor, requires
from app.kernel.db import reading, transaction
from app.kernel.errors import NotFound, sentence
from app.kernel.http import actor
from app.kernel.i18n import translate

bp = Blueprint("jobs", __name__, url_prefix="/api/v1/jobs")
SHOWN = (
    "SELECT j.id, j.name, j.title, j.done, j.total, j.note, j.result, j.ended, j.begun_at, j.at,"
    " j.done_at, j.cancel_asked_at IS NOT NULL AS cancelling FROM jobs j"
    " WHERE j.actor_id IS NOT NULL AND (j.actor_id = :self OR :every)"
)
ONE = text(SHOWN + " AND j.id = :id")
LATEST = text(SHOWN + " ORDER BY j.id DESC LIMIT :most")
FAILED = sentence("Something went wrong here. Nothing was changed. Tell us the number %(id)s.")


def _whose(who: Actor) -> dict[str, Any]:
    """Return which jobs ``who`` may know of: their own, an administrator all."""
    return {"self": who.person_id, "every": who.may("job.manage")}


def latest(session: Session, who: Actor, *, most: int = 30) -> list[dict[str, Any]]:
    """Return the newest jobs that ``who`` may know of, newest first."""
    rows = session.execute(LATEST, {**_whose(who), "most": most})
    return [_public(row) for row in rows]


def find(session: Session, who: Actor, job: int) -> dict[str, Any]:
    """Return one job, or raise ``NotFound`` if ``who`` may not know of it."""
    row = session.execute(ONE, {**_whose(who), "id": job}).first()
    if row is None:
        raise NotFound(sentence("There is no such job."), job=job)
    return _public(row)


def _public(row: Row[Any]) -> dict[str, Any]:
    """Return a job as it is shown: state, progress, and the result or the reason."""
    state = row.ended or ("running" if row.begun_at else "waiting")
    if state == "running" and row.cancelling:
        state = "cancelling"
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "state": state,
        "done": row.done,
        "total": row.total,
        "note": translate(row.note) if row.note else "",
        "result": row.result if row.ended == "done" else None,
        "error": _reason(row),
        "at": row.at.isoformat(),
        "done_at": row.done_at.isoformat() if row.done_at else None,
    }


def _reason(row: Row[Any]) -> str | None:
    if row.ended == "refused":
        message: str = row.result["message"]
        return translate(message, **row.result["facts"])
    return translate(FAILED, id=row.id) if row.ended == "failed" else None


@bp.get("")
@requires(SIGNED_IN)
def list_jobs() -> ResponseReturnValue:
    """Return the newest jobs that the caller asked for, an administrator those of all."""
    with reading() as session:
        return jsonify(items=latest(session, actor()))


@bp.get("/<int:job>")
@requires(SIGNED_IN)
def show_job(job: int) -> ResponseReturnValue:
    """Return one job: its state, how far it is, its result or why there is none."""
    with reading() as session:
        return jsonify(find(session, actor(), job))


@bp.post("/<int:job>/cancel")
@requires(SIGNED_IN)
def cancel_job(job: int) -> ResponseReturnValue:
    """Stop a job; what it has done so far is rolled back."""
    with transaction() as session:
        find(session, actor(), job)
        queue.cancel(session, job)
        audit.note(session, actor(), "job.cancel", str(job))
        return jsonify(find(session, actor(), job))
