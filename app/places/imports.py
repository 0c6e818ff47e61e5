"""Importing the division tree: whole columns by COPY, judged by set-based statements."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk, rows, sql
from app.kernel.bulk import PutAside, Run, in_english
from app.kernel.errors import sentence
from app.kernel.opening import opened
from app.kernel.rows import Batch
from grid_codes.divisions import LENGTHS

HERE = Path(__file__).parent
COLUMNS = ("code", "name", "level", "parent_code")
LENGTH_OF = "(ARRAY[" + ",".join(str(LENGTHS[level]) for level in sorted(LENGTHS)) + "])"
INCOMING = text(
    'CREATE TEMP TABLE incoming_divisions (row int, code text COLLATE "C", name text,'
    ' level text, parent_code text COLLATE "C", reason text, facts jsonb) ON COMMIT DROP'
)
REASONS = {
    "missing": sentence("The code, the name or the level is missing."),
    "level": sentence("The level must be 1, 2, 3, 4 or 5."),
    "digits": sentence("A code of level %(level)s has %(digits)s digits."),
    "parent": sentence("A province has no parent, everything else has one."),
    "prefix": sentence("The code does not begin with the code of its parent."),
    "twice": sentence("The code was given already, in row %(row)s."),
    "orphan": sentence("There is no division %(parent)s above it."),
}
"""What may be wrong with a row: msgids that the facts beside the reason fill."""
FAULTS = (
    ("missing", "'{}'", "num_nulls(code, name, level) > 0"),
    ("level", "'{}'", "level !~ '^[1-5]$'"),
    (
        "digits",
        "jsonb_build_object('level', level, 'digits', " + LENGTH_OF + "[level::int])",
        "code !~ '^[0-9]+$' OR length(code) <> " + LENGTH_OF + "[level::int]",
    ),
    ("parent", "'{}'", "(level = '1') <> (parent_code IS NULL)"),
    ("prefix", "'{}'", "parent_code = code OR NOT starts_with(code, parent_code)"),
)
"""What is wrong with a row by itself: the reason, its facts, the condition; the first counts."""
TWICE = text(
    "UPDATE incoming_divisions i SET reason = 'twice', facts = jsonb_build_object('row', f.row)"
    " FROM (SELECT code, min(row) AS row FROM incoming_divisions WHERE reason IS NULL"
    " GROUP BY code HAVING count(*) > 1) f"
    " WHERE i.code = f.code AND i.row > f.row AND i.reason IS NULL"
)
ORPHANS = text(sql.read(HERE, "mark_orphans"))
ROOTS = text(sql.read(HERE, "parents_unknown"))
TOP = text("SELECT min(level) FROM incoming_divisions WHERE reason IS NULL")
STORE = text(sql.read(HERE, "store_divisions"))
ASIDE = text(
    "SELECT row, reason, facts, code, name, level, parent_code FROM incoming_divisions"
    " WHERE reason IS NOT NULL ORDER BY row"
)


def import_divisions(
    session: Session,
    path: Path,
    *,
    folder: Path,
    tell: Callable[[int], None],
    say: Callable[..., str] = in_english,
) -> Run:
    """Store the division tree in ``path`` and return the report; bad rows are put aside.

    Columns: code, name, level (1 to 5), parent_code.  The file of one city may begin below a
    parent that nobody knows yet: its topmost rows are stored, with a warning.
    """
    with bulk.importing(session, "divisions", path, folder, COLUMNS, say) as run:
        session.execute(INCOMING)
        with opened(path) as table:
            for name in COLUMNS:
                table.require(name)
            for batch in run.batches(table):
                bulk.copy(session, "incoming_divisions", _trimmed(batch))
                tell(run.read)
        _judge(session, run)
        run.stored = session.execute(STORE).scalar_one()
        _put_aside(session, run)
    return run


def _trimmed(batch: Batch) -> dict[str, pa.Array]:
    named = {name: rows.texts(batch.column(name)) for name in COLUMNS}
    return {"row": pa.array(batch.numbers, pa.int32()), **named}


def _judge(session: Session, run: Run) -> None:
    """Mark every row that may not be stored with the reason."""
    session.execute(text("CREATE INDEX ON incoming_divisions (code)"))
    session.execute(text("ANALYZE incoming_divisions"))
    for reason, facts, condition in FAULTS:
        session.execute(
            text(
                f"UPDATE incoming_divisions SET reason = '{reason}', facts = {facts}"  # noqa: S608
                f" WHERE reason IS NULL AND ({condition})"
            )
        )
    session.execute(TWICE)
    top = session.execute(TOP).scalar_one()
    for root in session.execute(ROOTS, {"level": top}).all():
        run.warn(
            sentence("%(code)s: the division %(parent)s above it is not known yet"),
            code=root.code,
            parent=root.parent_code,
        )
    for level in "2345":
        if top is not None and level > top:
            session.execute(ORPHANS, {"level": level})


def _put_aside(session: Session, run: Run) -> None:
    """Write the rows that have a reason to the quarantine file, in order."""
    for row in session.execute(ASIDE):
        fault = PutAside(REASONS[row.reason], **row.facts)
        seen = (row.code, row.name, row.level, row.parent_code)
        run.put_aside(row.row, fault, ["" if value is None else value for value in seen])
