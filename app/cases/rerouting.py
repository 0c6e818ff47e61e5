"""What a changed routing table would have done: last month's cases, asked of both tables."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases.routing import BODIES, tell
from app.catalogue import table
from app.catalogue.forms import TableForm
from app.catalogue.queries import handbook
from app.catalogue.routing import Asked, Route, Suggestion, suggest
from app.catalogue.rules import Handbook
from app.kernel import sql
from app.kernel.clock import local

LATELY = text(sql.read(Path(__file__).parent, "filed_lately"))
MONTH = timedelta(days=30)
MOST, SHOWN = 20_000, 200


class Table:
    """A routing table that is asked about many cases: each kind's rows are sought out once."""

    def __init__(self, rows: Sequence[Route], book: Handbook) -> None:
        """Remember the rows and the book that names beats and working days."""
        self._rows, self._book = rows, book
        self._of: dict[str, tuple[Route, ...]] = {}

    def asked(self, row: Row[Any]) -> Suggestion | None:
        """Return who would handle the case in ``row`` by this table."""
        if row.kind not in self._of:
            self._of[row.kind] = tuple(r for r in self._rows if row.kind.startswith(r.kind))
        at = local(row.at)
        bodies = ((body, getattr(row, body)) for body in BODIES)
        asked = Asked(
            row.kind,
            row.cell,
            at,
            self._book.calendar().is_working(at.date()),
            tuple((body, code) for body, code in bodies if code in self._book.departments),
            self._book.beat_department(row.beat, row.kind),
        )
        return suggest(self._of[row.kind], asked)


def dry_run(session: Session, form: TableForm, *, at: datetime) -> dict[str, Any]:
    """Return which of the last thirty days' cases would go to another department.

    At most the newest ``MOST`` are asked; ``count`` is how many that were.  Nothing is stored.
    """
    book = handbook(session)
    before, after = Table(book.routes, book), Table(table.changed(session, book, form), book)
    rows = session.execute(LATELY, {"since": at - MONTH, "most": MOST}).all()
    both = ((row, before.asked(row), after.asked(row)) for row in rows)
    moved = [(row, old, new) for row, old, new in both if _code(old) != _code(new)]
    ways = Counter((_code(old), _code(new)) for _, old, new in moved)
    return {
        "count": len(rows),
        "moved": len(moved),
        "ways": [
            {"from": _name(old, book), "to": _name(new, book), "count": count}
            for (old, new), count in ways.most_common()
        ],
        "items": [_shown(row, old, new, book) for row, old, new in moved[:SHOWN]],
    }


def _code(found: Suggestion | None) -> str | None:
    return found.department if found else None


def _name(code: str | None, book: Handbook) -> str | None:
    return book.departments.get(code, code) if code else None


def _shown(
    row: Row[Any], old: Suggestion | None, new: Suggestion | None, book: Handbook
) -> dict[str, Any]:
    kind = book.kinds.get(row.kind)
    return {
        "uid": row.uid,
        "number": row.number,
        "kind": row.kind,
        "kind_name": kind.name if kind else row.kind,
        "cell": row.cell,
        "filed_at": local(row.filed_at).isoformat(timespec="minutes"),
        "from": _name(_code(old), book),
        "to": _name(_code(new), book),
        "why": tell(new.why, book) if new else None,
    }
