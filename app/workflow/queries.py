"""Published flows, read once per version and kept: a version never changes."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.errors import Refused, sentence
from app.workflow.engine import Flow, read

_kept: dict[int, Flow] = {}
_newest: dict[int, int] = {}


def get(session: Session, flow_id: int) -> Flow:
    """Return the published version ``flow_id``."""
    found = _kept.get(flow_id)
    if found is None:
        document = session.execute(
            text("SELECT document FROM flows WHERE id = :id"), {"id": flow_id}
        ).scalar_one()
        found = _kept[flow_id] = read(flow_id, document)
    return found


def current(session: Session, version: int) -> Flow:
    """Return the flow new cases are born under: the one published last.

    ``version`` is the handbook's, which publishing a flow raises: as long as it stands,
    the newest flow is the one found before.
    """
    if version not in _newest:
        found = session.execute(text("SELECT max(id) FROM flows")).scalar()
        if found is None:
            raise Refused(sentence("No flow is published yet. Run “flask migrate” first."))
        _newest.clear()
        _newest[version] = found
    return get(session, _newest[version])
