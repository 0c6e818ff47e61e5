"""A house of its own for tests that import: commands commit, and other tests share a database."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from psycopg2 import sql
from sqlalchemy import text

from app import create_app
from app.cli_imports import COMMANDS
from tests.conftest import config_for, url_of
from tests.conftest import run as on_server

DATA = Path(__file__).parents[2] / "shared" / "data"
MAPPINGS = Path(__file__).parents[1] / "seed_data" / "mappings"


def house(template: str, data: Path) -> Iterator[Flask]:
    """Yield the application on a database that nobody else uses."""
    name = sql.Identifier(f"{template}_{uuid4().hex[:8]}")
    on_server(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(template)))
    app = create_app(config_for(url_of(name.string), data))
    for command in COMMANDS:
        app.cli.add_command(command)
    yield app
    app.extensions["engine"].dispose()
    # Not WITH (FORCE): that may not end the autovacuum which so many new rows bring about.
    on_server(sql.SQL("DROP DATABASE {}").format(name))


def run(app: Flask, *words: object) -> tuple[int, str]:
    """Type ``flask …`` and return the exit code and all that was printed."""
    result = app.test_cli_runner().invoke(args=[str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def ask(app: Flask, question: str, **binds: Any) -> list[tuple[Any, ...]]:
    """Return the rows that answer ``question``."""
    with app.extensions["engine"].connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        return [tuple(row) for row in connection.execute(text(question), binds)]


def counted(output: str) -> tuple[int, int, int]:
    """Return what a report says was read, stored and put aside."""
    found = re.search(r"read (\d+), stored (\d+), quarantined (\d+)", output)
    assert found, output
    return int(found[1]), int(found[2]), int(found[3])


def aside(output: str) -> dict[int, str]:
    """Return the reason for each row in the quarantine file that a report names."""
    named = re.search(r"\((.*-quarantine\.csv)\)", output)
    if named is None:
        return {}
    with Path(named[1]).open(encoding="utf-8-sig", newline="") as stream:
        return {int(row["row"]): row["reason"] for row in csv.DictReader(stream)}
