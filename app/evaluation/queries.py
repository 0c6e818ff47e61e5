"""Reading what a ranking is made with: scheme, signatures, exemptions, outside marks."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.evaluation.boards import Board
from app.evaluation.periods import Period
from app.kernel import sql

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


SCHEMES = text(
    "SELECT DISTINCT ON (code) code, name FROM schemes"
    " WHERE object = :object AND state = 'published' ORDER BY code, version DESC"
)


def schemes(session: Session, board: Board) -> list[Row[Any]]:
    """Return code and name of every scheme that is published for the objects of ``board``."""
    return list(session.execute(SCHEMES, {"object": board.object}))


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
