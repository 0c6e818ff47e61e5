"""A template database once a run, one clone a worker; every test makes its own cases in it."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg2 import sql
from sqlalchemy import make_url

from app import create_app
from app.kernel.auth import Actor
from app.kernel.db import make_engine
from config import Config, database_url
from tests import city

ROOT = Path(__file__).parent.parent
RUN = "WANMI_TEST_RUN"


def admin_url() -> str:
    """Return the address of the server that tests may make databases on."""
    return database_url(ROOT / ".data")


def run(*statements: sql.Composable, database: str = "postgres") -> None:
    """Run statements outside a transaction on ``database`` of the test server."""
    url = make_url(admin_url()).set(drivername="postgresql", database=database)
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    try:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)
    finally:
        connection.close()


def url_of(database: str) -> str:
    """Return the SQLAlchemy address of ``database`` on the test server."""
    return make_url(admin_url()).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template() -> str:
    """Return the name of a database with the tables, the standard rows and a small city."""
    name = os.environ[RUN]
    with Path(tempfile.gettempdir(), f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _exists(name):
            run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(f"{name}_new")))
            engine = make_engine(url_of(f"{name}_new"), pool=2, statement_ms=60_000)
            city.build(engine)
            engine.dispose()
            run(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(f"{name}_new"), sql.Identifier(name)
                )
            )
    return name


def _exists(name: str) -> bool:
    url = make_url(admin_url()).set(drivername="postgresql", database="postgres")
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        return cursor.fetchone() is not None
    finally:
        connection.close()


def clone(template: str) -> Iterator[str]:
    """Yield the address of a copy of ``template`` and drop it afterwards."""
    name = f"{template}_{uuid4().hex[:8]}"
    run(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template)
        )
    )
    yield url_of(name)
    drop(name)


def drop(name: str) -> None:
    """Drop a database and end our own connections to it.

    Not WITH (FORCE): that may not end the autovacuum that many new rows bring about.
    """
    ended = sql.SQL(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = {} AND usename = current_user"
    )
    run(ended.format(sql.Literal(name)))
    run(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def database(template: str) -> Iterator[str]:
    """Return the address of this worker's database."""
    yield from clone(template)


@pytest.fixture
def fresh_database(template: str) -> Iterator[str]:
    """Return the address of a database for one test alone."""
    yield from clone(template)


def config_for(database: str, data: Path) -> Config:
    """Return deployment settings for a test on ``database``."""
    return Config(
        database_url=database,
        bind="127.0.0.1:0",
        data=data,
        profile="CJT214-2007",
        cookie_secure=False,
        pool=12,
        log_level="WARNING",
    )


@pytest.fixture(scope="session")
def app(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the application on this worker's database."""
    found = create_app(config_for(database, tmp_path_factory.mktemp("data")))
    yield found
    found.extensions["engine"].dispose()


@pytest.fixture
def sessions(app: Flask) -> Any:
    """Return the session factory, for tests that speak to services directly."""
    return app.extensions["sessions"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def people(sessions: Any) -> dict[str, Actor]:
    """Return the small city's people by user name, as the kernel knows them."""
    with sessions.begin() as session:
        return city.actors(session)


@pytest.fixture
def api(app: Flask) -> Any:
    """Return a function that gives a program signed in as somebody."""
    return lambda username: city.Program(app, username)


def pytest_configure(config: pytest.Config) -> None:
    """Name this run's databases once; workers inherit the name through the environment."""
    os.environ.setdefault(RUN, f"wanmi_test_{uuid4().hex[:8]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop what this run left: its template, and clones of workers that died."""
    if hasattr(session.config, "workerinput"):
        return
    url = make_url(admin_url()).set(drivername="postgresql", database="postgres")
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (os.environ[RUN],)
    )
    for (name,) in cursor.fetchall():
        drop(name)
    connection.close()
