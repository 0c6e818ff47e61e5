"""The publisher: one process moves the outbox to the feed, another stands by."""

import threading

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app.kernel.notices import publish

log = structlog.get_logger("live")
KEPT_DAYS = 7
LOOK_SECONDS = 0.1
WAITING = text("SELECT EXISTS (SELECT FROM outbox)")


def publish_all(sessions: sessionmaker[Session]) -> int:
    """Move everything in the outbox to the feed and return how much it was."""
    total = 0
    with sessions.begin() as session:
        waiting = session.execute(WAITING).scalar_one()
    while waiting:
        with sessions.begin() as session:
            waiting = publish(session)
        total += waiting
    return total


def run(sessions: sessionmaker[Session], stop: threading.Event) -> None:
    """Publish until told to stop.  Two of these are safe: the head of the feed is held.

    The outbox is looked at ten times a second.  Having every writer wake the publisher
    would be quicker by a blink, but PostgreSQL lets transactions that notify commit only
    one behind the other.
    """
    while not stop.is_set():
        try:
            if not publish_all(sessions):
                stop.wait(LOOK_SECONDS)
        except SQLAlchemyError as lost:
            log.warning("publisher lost the database", error=str(lost).strip())
            stop.wait(1)


def forget_old(session: Session) -> int:
    """Drop feed rows older than a week; a screen that was away longer reads afresh.

    What people were not told of yet, or evaluation has not counted, is kept, however long the
    clock was away.
    """
    gone = session.execute(
        text(
            "DELETE FROM feed WHERE at < now() - make_interval(days => :days)"
            " AND seq <= (SELECT seq FROM notice_cursor) AND seq <= (SELECT seq FROM mark_cursor)"
        ),
        {"days": KEPT_DAYS},
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
