"""Published flows, read once per version and kept: a version never changes."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.errors import Refused, sentence
from app.workflow.engine import Flow, read

NEWEST = "SELECT max(id) FROM flows"
_kept: dict[int, Flow] = {}


def get(session: Session, flow_id: int) -> Flow:
    """Return the published version ``flow_id``."""
    found = _kept.get(flow_id)
    if found is None:
        document = session.execute(
            text("SELECT document FROM flows WHERE id = :id"), {"id": flow_id}
        ).scalar_one()
        found = _kept[flow_id] = read(flow_id, document)
    return found


def current(session: Session) -> Flow:
    """Return the version new cases are born under: the one published last."""
    newest = sql.ask(session, NEWEST, {}).scalar()
    if newest is None:
        raise Refused(sentence("No flow is published yet. Run “flask migrate” first."))
    return get(session, newest)
