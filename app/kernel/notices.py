"""Telling others that something was committed: the outbox, its publisher, the wake-up call."""

import select
from collections.abc import Iterator

import psycopg2
from sqlalchemy import text
from sqlalchemy.orm import Session

PUBLISH = text("SELECT publish_feed(:most)")


def publish(session: Session, most: int = 500) -> int:
    """Move up to ``most`` notices from the outbox to the feed and return how many.

    Numbers are given out here, by one publisher at a time, in order of commit:
    a number taken when a row is written could appear after a later one.
    """
    moved: int = session.execute(PUBLISH, {"most": most}).scalar_one()
    return moved


def listen(dsn: str, channel: str, *, pause: float) -> Iterator[list[str]]:
    """Yield what was said on ``channel`` since the last time, at least every ``pause`` seconds.

    The connection is the caller's own, outside every pool; it raises
    ``psycopg2.Error`` when the server goes away.
    """
    connection = psycopg2.connect(dsn, application_name="wanmi-listen")
    try:
        connection.autocommit = True
        connection.cursor().execute(f'LISTEN "{channel}"')
        yield []
        while True:
            if not select.select([connection], [], [], pause)[0]:
                connection.cursor().execute("SELECT 1")
            connection.poll()
            said = [notice.payload for notice in connection.notifies]
            connection.notifies.clear()
            yield said
    finally:
        connection.close()
