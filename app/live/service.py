"""The publisher: one process moves the outbox to the feed, another stands by."""

import psycopg2
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from app.kernel.leader import wait
from app.kernel.notices import listen, publish

log = structlog.get_logger("live")
KEPT_DAYS = 7


def publish_all(sessions: sessionmaker[Session]) -> int:
    """Move everything in the outbox to the feed and return how much it was."""
    moved, total = 1, 0
    while moved:
        with sessions.begin() as session:
            moved = publish(session)
        total += moved
    return total


def run(dsn: str, sessions: sessionmaker[Session]) -> None:
    """Publish for ever.  Two of these are safe: the head of the feed is held while it moves."""
    while True:
        try:
            for _ in listen(dsn, "outbox", pause=5):
                publish_all(sessions)
        except (psycopg2.Error, SQLAlchemyError) as lost:
            log.warning("publisher lost the database", error=str(lost).strip())
            wait(1)


def forget_old(session: Session) -> int:
    """Drop feed rows older than a week; a screen that was away longer reads afresh."""
    gone = session.execute(
        text("DELETE FROM feed WHERE at < now() - make_interval(days => :days)"),
        {"days": KEPT_DAYS},
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]
