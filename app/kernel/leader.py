"""One leader among many processes: whoever holds the advisory lock, others stand by."""

import threading
from collections.abc import Callable

import psycopg2
import structlog

log = structlog.get_logger("leader")
TRY_SECONDS = CHECK_SECONDS = 1.0


def lead(
    dsn: str,
    lock: int,
    begin: Callable[[], None],
    end: Callable[[], None],
    stop: threading.Event,
) -> None:
    """Call ``begin`` once this process holds ``lock`` and ``end`` when it no longer does.

    The lock belongs to a connection of its own: when the process dies PostgreSQL
    drops it and a stand-by takes over within ``TRY_SECONDS``.  A leader that loses
    its connection steps down at its next check.
    """
    while not stop.is_set():
        try:
            _reign(dsn, lock, begin, end, stop)
        except psycopg2.Error as lost:
            log.warning("lost the database", error=str(lost).strip())
            stop.wait(TRY_SECONDS)


def _reign(
    dsn: str,
    lock: int,
    begin: Callable[[], None],
    end: Callable[[], None],
    stop: threading.Event,
) -> None:
    connection = psycopg2.connect(
        dsn, application_name="wanmi-leader", keepalives_idle=5, keepalives_interval=2
    )
    try:
        connection.autocommit = True
        cursor = connection.cursor()
        while not _taken(cursor, lock):
            if stop.wait(TRY_SECONDS):
                return
        begin()
        try:
            while not stop.wait(CHECK_SECONDS):
                cursor.execute("SELECT 1")
        finally:
            end()
    finally:
        connection.close()


def _taken(cursor: "psycopg2.extensions.cursor", lock: int) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", (lock,))
    row = cursor.fetchone()
    return bool(row and row[0])
