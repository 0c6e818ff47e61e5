"""Reading imports of parts: the list, one with its rows, saved mappings, what a file holds."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import rows
from app.kernel.errors import NotFound, sentence
from app.kernel.i18n import translate
from app.kernel.opening import opened
from app.parts.rules import proposed

LATEST = text(
    "SELECT i.id, i.file, i.kind, k.name AS kind_name, i.read, i.stored, i.quarantined, i.state,"
    " i.at, i.applied_at, i.undone_at, p.name AS who FROM imports i"
    " LEFT JOIN kinds k ON k.id = i.kind LEFT JOIN people p ON p.id = i.actor_id"
    " WHERE i.what LIKE 'parts %' AND i.id < :before ORDER BY i.id DESC LIMIT :most"
)
ONE = text(
    "SELECT i.*, k.name AS kind_name, p.name AS who FROM imports i"
    " LEFT JOIN kinds k ON k.id = i.kind LEFT JOIN people p ON p.id = i.actor_id"
    " WHERE i.id = :id AND i.what LIKE 'parts %'"
)
ROWS = text(
    "SELECT row, action, code, reason, facts, seen, told, changes, repair,"
    " CASE WHEN repair <> '' THEN left(ST_AsText(geom, 6), 160) END AS mended,"
    " ST_X(ST_PointOnSurface(geom)) AS lon, ST_Y(ST_PointOnSurface(geom)) AS lat"
    " FROM import_rows WHERE import_id = :id AND action = :action AND row > :after"
    " AND (NOT :repairs OR repair <> '') ORDER BY row LIMIT :most"
)
JOB = text(
    "SELECT id, ended FROM jobs WHERE name = ANY(:names) AND (args ->> 'number')::int = :id"
    " ORDER BY id DESC LIMIT 1"
)
NAMES = ["compare_parts", "apply_parts", "undo_parts"]
LOWEST = -(2**31)


def latest(session: Session, *, before: int = 2**31 - 1, most: int = 50) -> list[dict[str, Any]]:
    """Return the imports of parts, newest first."""
    return [dict(row._mapping) for row in session.execute(LATEST, {"before": before, "most": most})]


def one(session: Session, number: int) -> dict[str, Any]:
    """Return one import, its last job and how that ended, or raise ``NotFound``."""
    row = session.execute(ONE, {"id": number}).first()
    if row is None:
        raise NotFound(sentence("There is no such import."), number=number)
    job = session.execute(JOB, {"id": number, "names": NAMES}).first()
    told = {"job": job.id if job else None, "job_ended": job.ended if job else None}
    return dict(row._mapping) | told


def page(
    session: Session,
    number: int,
    action: str,
    *,
    after: int | None = None,
    repairs: bool = False,
    most: int = 50,
) -> list[dict[str, Any]]:
    """Return rows of an import that are ``action``, in order, from the one behind ``after`` on."""
    binds = {"id": number, "action": action, "repairs": repairs, "most": most}
    found = session.execute(ROWS, {**binds, "after": LOWEST if after is None else after})
    return [dict(row._mapping) for row in found]


def asides(session: Session, number: int) -> Iterator[str]:
    """Yield the rows put aside as lines of CSV: row, reason in the reader's words, what stood.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    yield "\ufeff" + _line(["row", "reason", "seen", "repair"])
    after = LOWEST
    while block := page(session, number, "aside", after=after, most=1_000):
        for row in block:
            reason = translate(row["reason"], **row["facts"])
            repair = translate(row["repair"]) if row["repair"] else ""
            yield _line([row["row"], reason, row["seen"], repair])
        after = block[-1]["row"]


def _line(cells: list[Any]) -> str:
    stream = io.StringIO()
    safe = [f"'{c}" if str(c).startswith(("=", "+", "@", "\t")) else c for c in cells]
    csv.writer(stream).writerow(safe)
    return stream.getvalue()


def mappings(session: Session) -> dict[str, Any]:
    """Return the saved mappings by name."""
    found = session.execute(
        text("SELECT name, mapping FROM import_mappings ORDER BY name LIMIT 200")
    )
    return {row.name: row.mapping for row in found}


def glance(path: Path, *, encoding: str, layer: str | None) -> dict[str, Any]:
    """Return the columns of a file, its first rows, and which column is probably what."""
    with opened(path, encoding=encoding or "utf-8-sig", layer=layer) as table:
        batch = next(table.batches, None)
        first: list[list[str]] = [[] for _ in range(5)]
        if batch is not None:
            few = batch.data.slice(0, 5)
            columns = [rows.texts(few.column(name)).to_pylist() for name in table.columns]
            first = [[(v or "")[:60] for v in row] for row in zip(*columns, strict=True)]
        return {
            "columns": list(table.columns),
            "rows": list(islice(first, 5)),
            "shapes": table.has_shapes,
            "crs": table.crs,
            "proposed": proposed(table.columns),
        }
