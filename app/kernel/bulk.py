"""Storing many rows at once: one run, one transaction, one file of what was put aside."""

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, TextIO

import pyarrow as pa
import shapely
from psycopg2 import sql
from pyarrow import csv as arrow_csv
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.rows import Batch, Table
from gis.faults import Reason
from gis.shapes import Repair

BEGIN = text("INSERT INTO imports (what, file) VALUES (:what, :file) RETURNING id")
END = text(
    "UPDATE imports SET read = :read, stored = :stored, quarantined = :quarantined WHERE id = :id"
)
MOST_PROPOSALS, MOST_PROPOSED_VERTICES = 20, 5_000
PLAIN = arrow_csv.WriteOptions(include_header=False)


class PutAside(ValueError):
    """A row that may not be stored; ``message`` is the reason, a msgid that ``facts`` fill."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message % facts if facts else message)
        self.message = message
        self.facts = facts


def in_english(message: str, **facts: object) -> str:
    """Return ``message`` filled with ``facts``: the console speaks English."""
    return message % facts if facts else message


@dataclass
class Run:
    """One import: how much was read and stored, what was put aside and why."""

    id: int
    file: Path
    seen: Sequence[str]
    read: int = 0
    stored: int = 0
    quarantined: int = 0
    warnings: list[str] = field(default_factory=list)
    say: Callable[..., str] = in_english
    proposals: list[dict[str, Any]] = field(default_factory=list)
    """Rows put aside that could be repaired, and how: never stored, only shown."""
    _stream: TextIO | None = None

    def put_aside(
        self,
        row: int,
        fault: Reason | PutAside,
        seen: Sequence[Any] = (),
        repair: Repair | None = None,
    ) -> None:
        """Write a line to the quarantine file: where, why, what stood there, what would mend it.

        Reason and repair are in the language of this run, the mended shape is WKT in EPSG:4490.
        """
        reason = self.say(fault.message, **fault.facts)
        stood = [*seen, *[""] * (len(self.seen) - len(seen))]
        mended = [self.say(repair.what), shapely.to_wkt(repair.shape, 7)] if repair else ["", ""]
        if self._stream is None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            # A byte order mark: spreadsheets take the file for their own code page without it.
            self._stream = self.file.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow(["row", "reason", *self.seen, "repair", "mended"])
        csv.writer(self._stream).writerow([row, reason, *stood, *mended])
        self.quarantined += 1

    def propose(self, row: int, fault: Reason, repair: Repair, **about: Any) -> None:
        """Keep a repair for people to look at: the first few that a page can draw are enough."""
        fine = shapely.get_num_coordinates(repair.shape) > MOST_PROPOSED_VERTICES
        if fine or len(self.proposals) >= MOST_PROPOSALS:
            return
        told = {
            "row": row,
            "reason": self.say(fault.message, **fault.facts),
            "repair": self.say(repair.what),
            "geometry": shapely.geometry.mapping(repair.shape),
        }
        self.proposals.append(told | about)

    def batches(self, table: Table) -> Iterator[Batch]:
        """Yield the batches of ``table``, every row counted, its unreadable ones put aside."""
        for batch in table.batches:
            self.read += len(batch.numbers) + len(batch.broken)
            for row, reason in batch.broken:
                self.put_aside(row, reason)
            yield batch

    def warn(self, message: str, **facts: object) -> None:
        """Add a warning, a msgid that ``facts`` fill, in the language of this run."""
        self.warnings.append(self.say(message, **facts))

    def close(self) -> None:
        """Finish the quarantine file."""
        if self._stream is not None:
            self._stream.close()

    def told(self) -> dict[str, Any]:
        """Return the report as a job's result."""
        return {
            "import": self.id,
            "read": self.read,
            "stored": self.stored,
            "quarantined": self.quarantined,
            "warnings": self.warnings[:100],
            "proposals": self.proposals,
        }

    def __str__(self) -> str:
        """Return the report in one line."""
        where = f" ({self.file})" if self.quarantined else ""
        return f"read {self.read}, stored {self.stored}, quarantined {self.quarantined}{where}"


@contextmanager
def importing(
    session: Session,
    what: str,
    source: Path,
    folder: Path,
    seen: Sequence[str],
    say: Callable[..., str] = in_english,
) -> Iterator[Run]:
    """Yield a run that is recorded in ``imports``; nothing of it remains if the block raises.

    ``seen`` heads the columns that quarantined rows are shown with.  ``say`` puts reasons
    and warnings into words.  The session's limits on time are lifted until it ends.
    """
    unhurried(session)
    number = session.execute(BEGIN, {"what": what, "file": source.name}).scalar_one()
    run = Run(number, folder / "imports" / f"{number}-quarantine.csv", seen, say=say)
    try:
        yield run
    except BaseException:
        run.close()
        run.file.unlink(missing_ok=True)
        raise
    run.close()
    session.execute(
        END,
        {
            "id": run.id,
            "read": run.read,
            "stored": run.stored,
            "quarantined": run.quarantined,
        },
    )


def unhurried(session: Session) -> None:
    """Let this transaction take as long as it needs."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    # Another's long work ends some time; giving up after two seconds would end ours as a fault.
    session.execute(text("SET LOCAL lock_timeout = 0"))


def copy(session: Session, table: str, columns: dict[str, pa.Array]) -> None:
    """Append columns of equal length to ``table`` by COPY; nulls stay null."""
    block = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    if not len(block):
        return
    written = BytesIO()
    arrow_csv.write_csv(block, written, PLAIN)
    written.seek(0)
    command = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    raw = session.connection().connection.driver_connection
    with raw.cursor() as cursor:  # type: ignore[union-attr]
        cursor.copy_expert(command, written)
