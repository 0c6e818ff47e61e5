"""Who did what, from where, with what result."""

from typing import Any

from flask import g, has_request_context, request
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.auth import Actor

NOTE = (
    "INSERT INTO audit (actor_id, action, subject, result, request_id, origin)"
    " VALUES (:actor, :action, :subject, :result, :request, :origin)"
)
NOTE_OF_STEP = (
    "INSERT INTO audit (actor_id, action, subject, result, request_id, origin)"
    " SELECT CAST(:actor AS integer), CAST(:action AS text), CAST(case_id AS text),"
    " CAST(:result AS text), CAST(:request AS text), CAST(:origin AS text) FROM step"
)
"""For statements that have just made a row called ``step`` in the journal of a case."""


def note(session: Session, actor: Actor, action: str, subject: str, *, result: str = "ok") -> None:
    """Add one line to the audit, in the transaction of what it tells of."""
    sql.ask(session, NOTE, facts(actor, action, subject, result=result))


def facts(actor: Actor, action: str, subject: str, *, result: str = "ok") -> dict[str, Any]:
    """Return what ``NOTE`` stores, for statements that it is a part of."""
    web = has_request_context()
    return {
        "actor": actor.person_id,
        "action": action,
        "subject": subject[:200],
        "result": result[:200],
        "request": g.get("request_id", "") if web else "",
        "origin": (request.remote_addr or "") if web else "console",
    }
