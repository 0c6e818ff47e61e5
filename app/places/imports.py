"""Importing the division tree: whole columns by COPY, judged by set-based statements."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk, rows, sql
from app.kernel.bulk import Run
from app.kernel.opening import opened
from app.kernel.rows import Batch, Table
from grid_codes.divisions import LENGTHS

HERE = Path(__file__).parent
COLUMNS = ("code", "name", "level", "parent_code")
LENGTH_OF = "(ARRAY[" + ",".join(str(LENGTHS[level]) for level in sorted(LENGTHS)) + "])"
INCOMING = text(
    'CREATE TEMP TABLE incoming_divisions (row int, code text COLLATE "C", name text,'
    ' level text, parent_code text COLLATE "C", reason text) ON COMMIT DROP'
)
FAULTS = (
    ("'The code, the name or the level is missing.'", "num_nulls(code, name, level) > 0"),
    ("'The level must be 1, 2, 3, 4 or 5.'", "level !~ '^[1-5]$'"),
    (
        "format('A code of level %s has %s digits.', level, " + LENGTH_OF + "[level::int])",
        "code !~ '^[0-9]+$' OR length(code) <> " + LENGTH_OF + "[level::int]",
    ),
    ("'A province has no parent, everything else has one.'",
     "(level = '1') <> (parent_code IS NULL)"),
    (
        "'The code does not begin with the code of its parent.'",
        "parent_code = code OR NOT starts_with(code, parent_code)",
    ),
)  # fmt: skip
"""What is wrong with a row by itself: the reason and the condition, in SQL; the first counts."""
TWICE = text(
    "UPDATE incoming_divisions i SET reason = format('The code was given already, in row %s.',"
    " f.row) FROM (SELECT code, min(row) AS row FROM incoming_divisions WHERE reason IS NULL"
    " GROUP BY code HAVING count(*) > 1) f"
    " WHERE i.code = f.code AND i.row > f.row AND i.reason IS NULL"
)
ORPHANS = text(sql.read(HERE, "mark_orphans"))
ROOTS = text(sql.read(HERE, "parents_unknown"))
TOP = text("SELECT min(level) FROM incoming_divisions WHERE reason IS NULL")
STORE = text(sql.read(HERE, "store_divisions"))


def import_divisions(
    session: Session, path: Path, *, folder: Path, tell: Callable[[int], None]
) -> Run:
    """Store the division tree in ``path`` and return the report; bad rows are put aside.

    Columns: code, name, level (1 to 5), parent_code.  The file of one city may begin below a
    parent that nobody knows yet: its topmost rows are stored, with a warning.
    """
    with bulk.importing(session, "divisions", path, folder, COLUMNS) as run:
        session.execute(INCOMING)
        with opened(path) as table:
            for name in COLUMNS:
                table.require(name)
            for batch in _read(table, run):
                bulk.copy(session, "incoming_divisions", _trimmed(batch))
                tell(run.read)
        _judge(session, run)
        run.stored = session.execute(STORE).scalar_one()
        put_aside(session, run, "incoming_divisions", COLUMNS)
    return run


def _read(table: Table, run: Run) -> Iterator[Batch]:
    """Yield the batches of ``table``, its unreadable rows counted and put aside."""
    for batch in table.batches:
        run.read += len(batch.numbers) + len(batch.broken)
        for row, reason in batch.broken:
            run.put_aside(row, reason)
        yield batch


def _trimmed(batch: Batch) -> dict[str, pa.Array]:
    named = {name: rows.texts(batch.column(name)) for name in COLUMNS}
    return {"row": pa.array(batch.numbers, pa.int32()), **named}


def _judge(session: Session, run: Run) -> None:
    """Mark every row that may not be stored with the reason."""
    session.execute(text("CREATE INDEX ON incoming_divisions (code)"))
    session.execute(text("ANALYZE incoming_divisions"))
    for reason, condition in FAULTS:
        session.execute(
            text(
                f"UPDATE incoming_divisions SET reason = {reason}"  # noqa: S608 - our own constants
                f" WHERE reason IS NULL AND ({condition})"
            )
        )
    session.execute(TWICE)
    top = session.execute(TOP).scalar_one()
    for root in session.execute(ROOTS, {"level": top}).all():
        run.warnings.append(
            f"{root.code}: the division {root.parent_code} above it is not known yet"
        )
    for level in "2345":
        if top is not None and level > top:
            session.execute(ORPHANS, {"level": level})


def put_aside(session: Session, run: Run, table: str, columns: tuple[str, ...]) -> None:
    """Write the rows of ``table`` that have a reason to the quarantine file, in order."""
    named = ", ".join(columns)
    for row in session.execute(
        text(
            f"SELECT row, reason, {named} FROM {table}"  # noqa: S608 - our own names
            " WHERE reason IS NOT NULL ORDER BY row"
        )
    ):
        run.put_aside(row.row, row.reason, _plain(row[2:]))


def _plain(values: Any) -> list[Any]:
    return ["" if value is None else value for value in values]
