"""Reading urges and orders."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases.queries import iso
from app.cases.rules import lamp
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, sentence
from app.kernel.scopes import visible

LAST_URGE = text("SELECT max(at) FROM case_urges WHERE case_id = :case AND person_id = :person")
URGES = text(
    "SELECT u.words, u.at, p.name FROM case_urges u LEFT JOIN people p ON p.id = u.person_id"
    " WHERE u.case_id = :case ORDER BY u.id DESC LIMIT 50"
)
ORDER = (
    "SELECT o.id, o.uid::text AS uid, o.case_id, o.words, o.limit_value, o.limit_unit, o.weight,"
    " o.department, d.name AS department_name, o.state, o.rounds, o.given_at, o.amber_at, o.due_at,"
    " o.answered_at, o.ended_at, o.late, o.giver_id, p.name AS giver_name, c.uid::text AS case_uid,"
    " c.number AS case_number FROM case_orders o JOIN cases c ON c.id = o.case_id"
    " LEFT JOIN people p ON p.id = o.giver_id LEFT JOIN departments d ON d.code = o.department"
)


def last_urge(session: Session, case_id: int, person_id: int) -> datetime | None:
    """Return when ``person_id`` urged the case last, None if never."""
    found: datetime | None = session.execute(
        LAST_URGE, {"case": case_id, "person": person_id}
    ).scalar()
    return found


def urges(session: Session, case_id: int) -> list[dict[str, Any]]:
    """Return the latest urges of a case, newest first."""
    rows = session.execute(URGES, {"case": case_id})
    return [{"words": row.words, "at": iso(row.at), "name": row.name or ""} for row in rows]


def one(session: Session, uid: UUID, actor: Actor) -> Row[Any]:
    """Return the order ``uid`` if ``actor`` may see its case, else raise ``NotFound``."""
    clauses, binds = visible(actor)
    ask = f"{ORDER} WHERE {' AND '.join(['o.uid = :uid', *clauses])}"
    row = session.execute(text(ask), {"uid": uid, **binds}).first()
    if row is None:
        raise NotFound(sentence("There is no such order, or it is not yours to see."), order=uid)
    return row


def of_case(session: Session, case_id: int, *, at: datetime) -> list[dict[str, Any]]:
    """Return the orders about a case, newest first."""
    ask = f"{ORDER} WHERE o.case_id = :case ORDER BY o.id DESC LIMIT 50"
    return _shown(session.execute(text(ask), {"case": case_id}), at)


def page(
    session: Session, actor: Actor, *, state: str, after: int | None, most: int, at: datetime
) -> dict[str, Any]:
    """Return the newest orders in ``state`` (all for "") that ``actor`` may see, by keyset."""
    clauses, binds = visible(actor)
    if state:
        clauses.append("o.state = :state")
        binds["state"] = state
    if after:
        clauses.append("o.id < :after")
        binds["after"] = after
    ask = f"{ORDER} WHERE {' AND '.join(clauses) or 'true'} ORDER BY o.id DESC LIMIT :most"
    rows = session.execute(text(ask), {**binds, "most": most + 1}).all()
    following = str(rows[most - 1].id) if len(rows) > most else None
    return {"items": _shown(rows[:most], at), "next": following}


def _shown(rows: Iterable[Row[Any]], at: datetime) -> list[dict[str, Any]]:
    return [shown(row, at) for row in rows]


def shown(row: Row[Any], at: datetime) -> dict[str, Any]:
    """Return an order as people and programs see it; the lamp stands still once it is answered."""
    stopped = row.answered_at if row.state == "answered" else row.ended_at or at
    return {
        "uid": row.uid,
        "case": row.case_uid,
        "number": row.case_number,
        "words": row.words,
        "limit": row.limit_value,
        "unit": row.limit_unit,
        "weight": row.weight,
        "department": row.department,
        "department_name": row.department_name,
        "state": row.state,
        "rounds": row.rounds,
        "giver_id": row.giver_id,
        "giver_name": row.giver_name or "",
        "given_at": iso(row.given_at),
        "due_at": iso(row.due_at),
        "answered_at": iso(row.answered_at),
        "ended_at": iso(row.ended_at),
        "closed_at": iso(row.ended_at),
        "late": row.late,
        "lamp": lamp(stopped, row.amber_at, row.due_at),
    }
