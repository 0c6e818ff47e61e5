"""The databases of a run: made on the private cluster, filled by statements, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import migrations
from app.kernel.clock import now
from app.kernel.db import make_engine
from app.kernel.http import new_secret
from app.org import service as org
from app.parts.service import recount
from config import database_url
from seed_data.standard.load import load

ROOT = Path(__file__).resolve().parent.parent
STATEMENTS = Path(__file__).parent / "sql"
PREFIX = "wanmi_bench_"
PROFILE = "CJT214-2007"
END_OURS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = %s AND usename = current_user"
)
TOLD = 20_000
"""So many of the youngest cases have a journal of three lines."""


def url_of(name: str) -> str:
    """Return the SQLAlchemy address of database ``name`` on the private cluster."""
    server = make_url(database_url(Path(os.environ.get("DATA", ROOT / ".data"))))
    return server.set(database=name).render_as_string(hide_password=False)


def dsn_of(name: str) -> str:
    """Return the address of database ``name`` as libpq wants it."""
    return url_of(name).replace("postgresql+psycopg2://", "postgresql://", 1)


def engine_of(name: str) -> Engine:
    """Return an engine whose statements may take ten minutes, as filling a table does."""
    return make_engine(url_of(name), pool=2, statement_ms=600_000)


def create(name: str, *, template: str = "template1") -> str:
    """Make database ``name`` anew as a copy of ``template`` and return its name."""
    drop(name)
    _on_server("CREATE DATABASE {} TEMPLATE {}", name, template)
    return name


def drop(name: str) -> None:
    """Delete database ``name`` with whoever of ours is connected to it, if it is there."""
    # Not WITH (FORCE): an autovacuum at work there belongs to the administrator, whom our role
    # may not end; a plain DROP has the server end it.
    _on_server(END_OURS, given=(name,))
    _on_server("DROP DATABASE IF EXISTS {}", name)


def _on_server(statement: str, *names: str, given: tuple[str, ...] | None = None) -> None:
    connection = psycopg2.connect(dsn_of("postgres"))
    try:
        connection.autocommit = True
        named = sql.SQL(statement).format(*map(sql.Identifier, names))
        connection.cursor().execute(named, given)
    finally:
        connection.close()


def statement(name: str) -> str:
    """Return the statements of ``sql/<name>.sql`` without their comment lines."""
    lines = (STATEMENTS / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


def make_floor(points: int) -> str:
    """Make the floor: 100 000 squares, ``points`` points, a table to insert into."""
    name = create(f"{PREFIX}floor")
    engine = engine_of(name)
    with engine.begin() as connection:
        connection.execute(text(statement("floor")), {"cells": 100_000, "points": points})
    settle(engine)
    return name


def make_city() -> str:
    """Make a city without parts and cases: the tables, the standard rows, 100 000 cells."""
    name = create(f"{PREFIX}city")
    engine = engine_of(name)
    migrations.upgrade(engine)
    with sessionmaker(engine).begin() as session:
        load(session, PROFILE)
        session.execute(text(statement("cell_code")))
        with without_indexes(session, "cells"):
            session.execute(text(statement("city")))
    settle(engine)
    return name


def make_size(city: str, *, cases: int, parts: int, waiting: int) -> str:
    """Make a copy of ``city`` with so many cases, parts, and cases to be acted on."""
    name = create(f"{PREFIX}{cases}", template=city)
    engine = engine_of(name)
    sessions = sessionmaker(engine)
    with sessions.begin() as session, without_indexes(session, "parts"):
        session.execute(text(statement("parts")), {"parts": parts})
    with sessions.begin() as session, without_indexes(session, "cases"):
        session.execute(text(statement("cases")), {"cases": cases, "told": min(TOLD, cases)})
        session.execute(text(statement("waiting")), {"waiting": waiting})
    with sessions.begin() as session:
        for position in (1, 2, 3):
            session.execute(text(statement("journal")), {"position": position})
    recount(sessions)
    settle(engine)
    return name


@contextmanager
def without_indexes(session: Session, table: str) -> Iterator[None]:
    """Take the plain indexes of ``table`` away and make them again: building beats upkeep."""
    known = session.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = 'public' AND tablename = :table AND indexdef NOT LIKE '% UNIQUE %'"
        ),
        {"table": table},
    ).all()
    for index in known:
        session.execute(text(f'DROP INDEX "{index.indexname}"'))
    yield
    for index in known:
        session.execute(text(index.indexdef))


def settle(engine: Engine) -> None:
    """Let the planner know the rows, and leave no work to a vacuum in the midst of a run."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
    engine.dispose()


def tokens(name: str) -> dict[str, str]:
    """Open a session for the one person of each post and return the bearer tokens by post."""
    engine = engine_of(name)
    found = {}
    with sessionmaker(engine).begin() as session:
        for person in session.execute(text("SELECT id, post FROM people")).all():
            found[person.post] = new_secret()
            org.open_session(session, person.id, token=found[person.post], csrf="", at=now())
    engine.dispose()
    return found
