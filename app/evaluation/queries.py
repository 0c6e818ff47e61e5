"""Reading what departments did in a period, and the cases behind each figure."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.evaluation.boards import Board
from app.evaluation.periods import Period
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


FRAME = sql.read(Path(__file__).parent, "frame")


def frame(
    session: Session, board: Board, code: str | None, period: Period, against: Period
) -> Row[Any]:
    """Return the scheme, what is frozen, exempted and marked in both periods, and the months."""
    binds = {
        "object": board.object,
        "board": board.name,
        "code": code,
        "period": period.code,
        "begin": period.begin,
        "end": period.end,
        "against": against.code,
        "against_begin": against.begin,
        "against_end": against.end,
    }
    return session.execute(text(FRAME), binds).one()


EXEMPTED = text(
    "SELECT indicator, case_id FROM score_appeals WHERE board = :board AND object = :object"
    " AND state = 'granted' AND case_id IS NOT NULL AND begins >= :begin AND ends <= :end"
    " ORDER BY id"
)


def exemptions(
    session: Session, board: str, object_: str, begin: date, end: date
) -> list[Row[Any]]:
    """Return the cases that granted appeals exempted for an object: (indicator, case_id)."""
    binds = {"board": board, "object": object_, "begin": begin, "end": end}
    return list(session.execute(EXEMPTED, binds))
