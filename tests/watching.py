"""Looking on while statements are carried out, whichever way they take to the driver."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Engine, event

from app.kernel import sql

Note = Callable[[Any, str, Any], None]


@contextmanager
def watching(engine: Engine, note: Note) -> Iterator[None]:
    """Call ``note`` with driver's connection, statement and binds before each is carried out.

    What prepares a kept statement is left out: a connection does it once in its life.
    """

    class Noting(NamedTupleCursor):
        def execute(self, query: Any, vars: Any = None) -> None:
            if not query.startswith("PREPARE"):
                note(self.connection, query, vars)
            super().execute(query, vars)

    def heard(_: Any, cursor: Any, statement: str, binds: Any, *__: Any) -> None:
        note(cursor.connection, statement, binds)

    event.listen(engine, "before_cursor_execute", heard)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "NamedTupleCursor", Noting)
        yield
    event.remove(engine, "before_cursor_execute", heard)
