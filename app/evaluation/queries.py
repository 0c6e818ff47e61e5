"""Reading what departments did in a period, and the cases behind each figure."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.evaluation.rules import Scheme, read
from app.kernel import sql

FACTS = sql.read(Path(__file__).parent, "department_facts")
INDICATORS = (
    "inst_num",
    "dispose_need_num",
    "dispose_num",
    "dispose_intime_num",
    "archive_need_num",
    "archive_num",
    "archive_intime_num",
    "rework_num",
)
_SETS = FACTS[FACTS.index("WITH asked") : FACTS.index("SELECT d.code AS object")]
BEHIND = {
    "inst_num": "filed",
    "dispose_need_num": "dispose_need",
    "dispose_num": "dispose_need AND disposed",
    "dispose_intime_num": "dispose_need AND dispose_intime",
    "archive_need_num": "archive_need",
    "archive_num": "archive_need AND archived",
    "archive_intime_num": "archive_need AND archived AND archive_intime",
    "rework_num": "dispose_need AND rework_count > 0",
}
"""Which cases stand behind an indicator; the same conditions count them in the statement above."""


def department_facts(
    session: Session, begin: datetime, end: datetime, *, at: datetime
) -> list[Row[Any]]:
    """Return every department's basic indicators for ``begin`` ≤ t < ``end``, as known ``at``."""
    return list(session.execute(text(FACTS), {"begin": begin, "end": end, "at": at}))


def behind(
    session: Session,
    department: str,
    indicator: str,
    *,
    begin: datetime,
    end: datetime,
    at: datetime,
) -> list[int]:
    """Return the ids of the cases that ``indicator`` counts for ``department``.

    A case that was reworked twice is listed twice under ``rework_num``: as often as it counts.
    """
    sets = _SETS.replace("SELECT c.department,", "SELECT c.id, c.department,", 1)
    times = (
        "generate_series(1, rework_count)" if indicator == "rework_num" else "generate_series(1, 1)"
    )
    ask = (
        f"{sets} SELECT id FROM asked, {times} WHERE department = :department"  # noqa: S608
        f" AND {BEHIND[indicator]} ORDER BY id DESC"
    )
    binds = {"department": department, "begin": begin, "end": end, "at": at}
    return list(session.scalars(text(ask), binds))


SCHEME = (
    "SELECT document FROM schemes WHERE object = :object AND code = coalesce(:code, code)"
    " ORDER BY published_at DESC LIMIT 1"
)
MONTHS = (
    "SELECT to_char(m, 'YYYY-MM')"
    " FROM (SELECT min(filed_at) AS a, max(filed_at) AS b FROM cases) x,"
    " generate_series(date_trunc('month', a), b, '1 month') m ORDER BY m DESC LIMIT 60"
)


def scheme(session: Session, object_type: str, code: str | None = None) -> Scheme | None:
    """Return the scheme ``code`` for ``object_type``, the one published last when none is named."""
    found = session.execute(text(SCHEME), {"object": object_type, "code": code})
    document = found.scalar_one_or_none()
    return read(document) if document else None


def frame(session: Session, object_type: str, code: str | None) -> tuple[Scheme | None, list[str]]:
    """Return the scheme as ``scheme`` does, and the months with filed cases, the newest first."""
    both = text(f"SELECT ({SCHEME}) AS document, ARRAY({MONTHS}) AS months")
    row = session.execute(both, {"object": object_type, "code": code}).one()
    return read(row.document) if row.document else None, row.months
