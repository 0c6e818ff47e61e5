"""A month long past with cases that were handled, some of them late."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import text

from app.kernel.clock import CITY_TIME

STORE = text(
    "INSERT INTO cases (flow_id, source, kind, description, address, cell, place, state, stage,"
    " department, reported_at, filed_at, handled_at, handle_due_at, close_due_at, closed_at,"
    " rework_count, steps) SELECT max(id), '01', 'E0102', '', '', '37990100100101',"
    " ST_SetSRID(ST_MakePoint(118.2005, 36.6005), 4490), 'closed', 'close', :department, :filed,"
    " :filed, :handled, :due, :due + interval '1 day', :handled, :rework, 1 FROM flows"
    " RETURNING id"
)
MONTHS = count()


def month() -> str:
    """Return a month that no other test has cases in."""
    n = next(MONTHS)
    return f"{1990 + n // 12:04}-{n % 12 + 1:02}"


def case(session: Any, period: str, department: str, *, late: bool = False, rework: int = 0) -> int:
    """Store a closed case of a month and return its id."""
    year, number = map(int, period.split("-"))
    filed = datetime(year, number, 3, 9, tzinfo=CITY_TIME)
    told = {
        "department": department,
        "filed": filed,
        "due": filed + timedelta(hours=8),
        "handled": filed + timedelta(days=2 if late else 0, hours=4),
        "rework": rework,
    }
    return int(session.execute(STORE, told).scalar_one())


def furnish(sessions: Any, period: str) -> list[int]:
    """Store ten cases of HW, two late and one reworked, and four of YL; return the late ones."""
    with sessions.begin() as session:
        for _ in range(7):
            case(session, period, "HW")
        case(session, period, "HW", rework=1)
        for _ in range(4):
            case(session, period, "YL")
        return [case(session, period, "HW", late=True) for _ in range(2)]
