"""Reading the feed: what was committed after number N, in one order for everybody."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases import queries as cases
from app.kernel.auth import Actor

MOST = 200
AFTER = text(
    "SELECT seq, topic, subject_id, area, department, at FROM feed"
    " WHERE seq > :after ORDER BY seq LIMIT :most"
)
SPAN = text("SELECT (SELECT min(seq) FROM feed) AS oldest, (SELECT last FROM feed_head) AS last")


def after(session: Session, number: int, most: int = MOST) -> list[Row[Any]]:
    """Return the feed's rows after ``number``, oldest first."""
    return list(session.execute(AFTER, {"after": number, "most": most}))


def replay(session: Session, actor: Actor, number: int, *, at: datetime) -> dict[str, Any]:
    """Return what changed after ``number`` that ``actor`` may see, and how far that goes.

    ``last`` is the number to ask from next time.  ``reset`` tells a client that was
    away longer than the feed is kept to read its lists afresh.
    """
    span = session.execute(SPAN).one()
    if number > span.last or (span.oldest is not None and number < span.oldest - 1 and number > 0):
        return {"items": [], "last": span.last, "reset": True}
    rows = after(session, number)
    shown = _shown(session, actor, rows, at)
    items = [
        {"seq": row.seq, "topic": row.topic, "at": cases.iso(row.at), "case": shown[row.subject_id]}
        for row in rows
        if row.topic == "case" and row.subject_id in shown
    ]
    return {"items": items, "last": rows[-1].seq if rows else span.last, "reset": False}


def _shown(
    session: Session, actor: Actor, rows: list[Row[Any]], at: datetime
) -> dict[int, dict[str, Any]]:
    """Return the cases that ``rows`` speak of, by id, as they stand now."""
    ids = sorted({row.subject_id for row in rows if row.topic == "case"})
    found = cases.by_ids(session, actor, ids) if ids else []
    items = cases.items(session, found, at)
    return {row.id: item for row, item in zip(found, items, strict=True)}


def newest(session: Session) -> int:
    """Return the last number given out."""
    last: int = session.execute(text("SELECT last FROM feed_head")).scalar_one()
    return last
