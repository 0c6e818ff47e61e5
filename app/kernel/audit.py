"""Who did what, from where, with what result."""

from flask import g, has_request_context, request
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.auth import Actor

NOTE = text(
    "INSERT INTO audit (actor_id, action, subject, result, request_id, origin)"
    " VALUES (:actor, :action, :subject, :result, :request, :origin)"
)


def note(session: Session, actor: Actor, action: str, subject: str, *, result: str = "ok") -> None:
    """Add one line to the audit, in the transaction of what it tells of."""
    web = has_request_context()
    session.execute(
        NOTE,
        {
            "actor": actor.person_id,
            "action": action,
            "subject": subject[:200],
            "result": result[:200],
            "request": g.get("request_id", "") if web else "",
            "origin": (request.remote_addr or "") if web else "console",
        },
    )
