"""Where a transaction begins and ends, and what a lost database looks like."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from flask import Flask, current_app
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from app.kernel.errors import Unavailable, sentence

AWAY = (
    OperationalError,
    InterfaceError,
    TimeoutError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
)
"""What SQLAlchemy and the driver raise when the server, the network or the pool gives out."""

RETRYABLE = {"57014", "55P03", "40P01", "40001", "53300", "53100", "57P01", "57P02", "57P03"}
"""Timeouts, locks, deadlocks, full disk, shutdown: SQLSTATEs after which trying again is right."""


def make_engine(url: str, *, pool: int, statement_ms: int = 5_000, lock_ms: int = 2_000) -> Engine:
    """Return an engine whose connections give up after ``statement_ms`` and ``lock_ms``."""
    limits = f"-c timezone=Asia/Shanghai -c statement_timeout={statement_ms}"
    limits += f" -c lock_timeout={lock_ms} -c idle_in_transaction_session_timeout=30000"
    # Starting helpers takes longer than our statements do, and other requests want the cores.
    limits += " -c max_parallel_workers_per_gather=0"
    return create_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_recycle=1_800,
        connect_args={"options": limits, "connect_timeout": 5, "application_name": "wanmi"},
    )


def install(app: Flask, engine: Engine) -> None:
    """Keep the session factories: one that commits at the edge, one that only reads."""
    app.extensions["engine"] = engine
    app.extensions["sessions"] = sessionmaker(engine, expire_on_commit=False)
    # Reads need no BEGIN and no ROLLBACK: two round trips less on every page.
    plain = engine.execution_options(reads=True)
    event.listen(plain, "engine_connect", _read_plainly)
    event.listen(engine, "checkin", _begin_again)
    app.extensions["readers"] = sessionmaker(plain, expire_on_commit=False)


def _read_plainly(connection: Connection) -> None:
    """Have each statement stand for itself, without a transaction around it.

    Not by the isolation level AUTOCOMMIT: giving that back asks the server to set its
    default again, which is a round trip more on every read.
    """
    connection.connection.dbapi_connection.autocommit = True  # type: ignore[union-attr]


def _begin_again(connection: Any, _: ConnectionPoolEntry) -> None:
    """Give a connection back as the writers want it; None is one that broke."""
    if connection is not None:
        connection.autocommit = False


@contextmanager
def transaction() -> Iterator[Session]:
    """Yield a session; commit if the block ends well, roll back if it raises."""
    with current_app.extensions["sessions"].begin() as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """Yield a session for reads; each statement sees what is committed when it starts."""
    with current_app.extensions["readers"]() as session:
        yield session


@contextmanager
def at_once() -> Iterator[Session]:
    """Yield a session whose every statement is a transaction of its own.

    For work that is one writing statement: it needs no BEGIN and no COMMIT, which are two round
    trips, and nothing of it can be left half done.
    """
    with reading() as session:
        yield session


def as_unavailable(error: Exception) -> Unavailable | None:
    """Return the 503 that ``error`` deserves, or None if it is a fault of ours."""
    cause = getattr(error, "orig", error)
    state = getattr(cause, "pgcode", None)
    # A server that dies in the middle of an answer is told of by the plainest class of errors.
    torn = type(cause) is psycopg2.DatabaseError and state is None
    lost = torn or (isinstance(error, DBAPIError) and error.connection_invalidated)
    if state in RETRYABLE or lost or (isinstance(error, AWAY) and state is None):
        return Unavailable(
            sentence("The database is busy or away. Nothing was changed; try again in a moment."),
            sqlstate=state,
        )
    return None
