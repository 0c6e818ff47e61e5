"""What inspectors (监督员) walked, and what others found where they did (漏报)."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.evaluation.marks import source
from app.kernel.clock import local

COUNTED = frozenset({"miss_report_num", "beat_cell_num", "walked_cell_num"})
"""Indicators that no marks tell: they are counted from the days of inspectors."""
RECORD = text(source("patrol_day"))
MISSED = text(source("missed"))
WALKED = text(
    "SELECT person_id, CAST(sum(cardinality(cells)) AS integer) AS cells,"
    " CAST(sum(cardinality(walked)) AS integer) AS walked FROM patrol_days"
    " WHERE day >= :begin AND day < :end AND fixes > 0 GROUP BY person_id"
)


def record(session: Session, *, at: datetime) -> None:
    """Write down who had which beat yesterday and today, and which cells were walked by ``at``.

    Yesterday too: phones send what they kept while they were offline.
    """
    today = local(at).date()
    for day in (today - timedelta(days=1), today):
        session.execute(RECORD, {"day": day, "at": at})


def counts(session: Session, begin: date, end: date) -> Iterator[tuple[str, str, int]]:
    """Yield person, indicator and count for the city days ``begin`` ≤ day < ``end``."""
    asked = {"begin": begin, "end": end}
    missed = Counter(row.person_id for row in session.execute(MISSED, asked))
    for person, n in missed.items():
        yield str(person), "miss_report_num", n
    for row in session.execute(WALKED, asked):
        yield str(row.person_id), "beat_cell_num", row.cells
        yield str(row.person_id), "walked_cell_num", row.walked


def behind(session: Session, person: int, indicator: str, begin: date, end: date) -> list[int]:
    """Return the ids of the problems that ``person`` missed, newest first; cells are no cases."""
    if indicator != "miss_report_num":
        return []
    rows = session.execute(MISSED, {"begin": begin, "end": end})
    return [row.id for row in rows if row.person_id == person]
