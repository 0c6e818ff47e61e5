"""Statements long enough to live in files of their own, and those worth keeping planned."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg2.extras import NamedTupleCursor
from sqlalchemy.orm import Session

PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")
"""A name after one colon; two colons are a cast, a colon after a digit is a time."""


@cache
def read(folder: Path, name: str) -> str:
    """Return the statement in ``folder/sql/<name>.sql`` without its comment lines.

    The comments say the question, the parameters and the index, for people; a colon
    in them would be taken for a parameter.
    """
    lines = (folder / "sql" / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))


def _plain(value: Any) -> Any:
    """Return ``value`` as the driver takes it."""
    return str(value) if isinstance(value, UUID) else value


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement as PostgreSQL prepares it, and how it is then asked for."""

    name: str
    prepare: str
    execute: str


@cache
def keep(statement: str) -> Kept:
    """Return ``statement`` (with ``:names``) in the form that each connection plans only once.

    Only for statements that find rows by a key or store one: what is planned without
    knowing the values would choose badly among the indexes of a list.

    >>> keep("SELECT :a::text, :b, :a").prepare.partition(" AS ")[2]
    'SELECT $1::text, $2, $1'
    >>> keep("SELECT :a::text, :b, :a").execute.partition("(")[2]
    '%(a)s, %(b)s)'
    """
    names = list(dict.fromkeys(PARAMETER.findall(statement)))
    numbered = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
    called = f"kept_{sha256(statement.encode()).hexdigest()[:16]}"
    given = ", ".join(f"%({name})s" for name in names)
    return Kept(
        called,
        f"PREPARE {called} AS {numbered}",
        f"EXECUTE {called}" + (f"({given})" if given else ""),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that a statement gave, each with its columns as attributes."""

    rows: list[Any]

    def first(self) -> Any:
        """Return the first row, None if there is none."""
        return self.rows[0] if self.rows else None

    def one(self) -> Any:
        """Return the only row; ``ValueError`` if there is none or another."""
        (row,) = self.rows
        return row

    def dicts(self) -> list[dict[str, Any]]:
        """Return the rows by column name."""
        return [row._asdict() for row in self.rows]


def _connection(session: Session) -> Any:
    """Return the pooled connection of the session's transaction, looked up once for each."""
    running = session.get_transaction()
    known = session.info.get("connection")
    if known is None or running is None or known[0] is not running:
        found = session.connection().connection
        session.info["connection"] = known = (session.get_transaction(), found)
    return known[1]


def ask(session: Session, statement: str, binds: Mapping[str, Any]) -> Found:
    """Run ``statement`` by the plan its connection keeps, made when it is asked the first time.

    Planning one of these costs up to seven times what carrying it out does, and going
    through SQLAlchemy's results as much as the driver itself (docs/guide/performance.md).
    The transaction is the session's; what the driver raises comes through as it is.
    """
    kept = keep(statement)
    connection = _connection(session)
    # Lives as long as the connection to the database, as its prepared statements do.
    planned: set[str] = connection.info.setdefault("planned", set())
    cursor: Any = connection.cursor(cursor_factory=NamedTupleCursor)
    if kept.name not in planned:
        cursor.execute(kept.prepare)
        planned.add(kept.name)
    cursor.execute(kept.execute, {name: _plain(value) for name, value in binds.items()})
    return Found(cursor.fetchall() if cursor.description else [])
