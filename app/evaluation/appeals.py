"""Appeals from a score: who may lodge one, and the two reviews that grant or refuse it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases import queries as cases
from app.evaluation import measures
from app.evaluation.labels import labels
from app.evaluation.scoring import LIMITS
from app.evaluation.service import Asked
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, NotFound, Refused, sentence

STATES = {
    "open": sentence("waits for the evaluators"),
    "supported": sentence("waits for the leader"),
    "granted": sentence("granted"),
    "refused": sentence("refused"),
}
PAGE = 50
LODGE = text(
    "INSERT INTO score_appeals (board, object, period, begins, ends, indicator, case_id, reason,"
    " lodged_by, lodged_at) VALUES (:board, :object, :period, :begins, :ends, :indicator, :case,"
    " :reason, :person, :at) ON CONFLICT DO NOTHING RETURNING id"
)
LIST = text(
    "SELECT a.*, c.uid, c.number, l.name AS lodger, f.name AS first, s.name AS second"
    " FROM score_appeals a JOIN people l ON l.id = a.lodged_by"
    " LEFT JOIN people f ON f.id = a.first_by LEFT JOIN people s ON s.id = a.second_by"
    " LEFT JOIN cases c ON c.id = a.case_id"
    " WHERE (CAST(:state AS text) = '' OR a.state = :state)"
    " AND (CAST(:department AS text) IS NULL"
    "      OR a.board = 'departments' AND a.object = :department)"
    " AND a.id < :after ORDER BY a.id DESC LIMIT :limit"
)
HOLD = text("SELECT * FROM score_appeals WHERE id = :id FOR UPDATE")
FIRST = text(
    "UPDATE score_appeals SET state = :state, first_by = :person, first_at = :at,"
    " first_reason = :reason WHERE id = :id"
)
SECOND = text(
    "UPDATE score_appeals SET state = :state, second_by = :person, second_at = :at,"
    " second_reason = :reason WHERE id = :id"
)


def lodge(
    session: Session,
    wanted: Asked,
    *,
    object_: str,
    indicator: str,
    case: str,
    reason: str,
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Appeal from a figure of an object in a period, or from one case in it; return its number."""
    _require_own(wanted, object_, actor)
    if object_ not in measures.names(session, wanted.board.name):
        raise NotFound(sentence("There is no such object in this ranking."), object=object_)
    if not labels([indicator]):
        raise NotFound(sentence("There is no such indicator."), indicator=indicator)
    binds = {
        "board": wanted.board.name,
        "object": object_,
        "period": wanted.period.code,
        "begins": wanted.period.begin,
        "ends": wanted.period.end,
        "indicator": indicator,
        "case": _case(session, wanted, object_, indicator, case) if case else None,
        "reason": reason,
        "person": actor.person_id,
        "at": at,
    }
    number = session.execute(LODGE, binds).scalar()
    if number is None:
        raise Refused(sentence("This appeal was lodged before; there is no second."))
    audit.note(session, actor, "evaluation.appeal", str(number))
    return {"id": number, "state": "open"}


def _require_own(wanted: Asked, object_: str, actor: Actor) -> None:
    if actor.department and (wanted.board.name, object_) != ("departments", actor.department):
        raise Forbidden(sentence("A department appeals from its own score only."))


def _case(session: Session, wanted: Asked, object_: str, indicator: str, ref: str) -> int:
    """Return the id of a case that the figure holds against the object, or refuse."""
    found: int = cases.one(session, ref, Actor(0, "")).id
    span = (wanted.period.begin, wanted.period.end)

    def behind(code: str) -> bool:
        return found in measures.behind(session, wanted.board.name, object_, code, *span)

    # A case is missing from what was done in time, but present in what counts against one.
    timely = "_intime_" in indicator
    against = (
        behind(LIMITS.get(indicator, indicator)) and not behind(indicator)
        if timely
        else behind(indicator)
    )
    if not against:
        raise Refused(sentence("This figure does not hold that case against the object.")).about(
            "case"
        )
    return found


def listed(
    session: Session, *, state: str, actor: Actor, after: int | None = None
) -> dict[str, Any]:
    """Return appeals, the newest first; a department sees its own."""
    if state and state not in STATES:
        raise Refused(sentence("“%(value)s” is not one of the choices."), value=state).about(
            "state"
        )
    binds = {
        "state": state,
        "department": actor.department,
        "after": after or 2**62,
        "limit": PAGE + 1,
    }
    rows = session.execute(LIST, binds).all()
    return {
        "items": [_public(row) for row in rows[:PAGE]],
        "next": rows[PAGE - 1].id if len(rows) > PAGE else None,
    }


def _public(row: Row[Any]) -> dict[str, Any]:
    told = ("id", "board", "object", "period", "indicator", "reason", "state", "lodger")
    reviews = (
        (row.first, row.first_at, row.first_reason),
        (row.second, row.second_at, row.second_reason),
    )
    return {
        **{name: getattr(row, name) for name in told},
        "case": row.uid and {"uid": str(row.uid), "number": row.number},
        "lodged_at": row.lodged_at.isoformat(),
        "reviews": [
            {"by": who, "at": when.isoformat(), "reason": why} for who, when, why in reviews if who
        ],
    }


def decide(
    session: Session, number: int, *, grant: bool, reason: str, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Review an appeal: the evaluators support or refuse it, then a leader grants or refuses it.

    Granted, it exempts what it names from the next version of the period.
    """
    found = session.execute(HOLD, {"id": number}).first()
    if found is None:
        raise NotFound(sentence("There is no such appeal."))
    if found.state not in ("open", "supported"):
        raise Refused(sentence("This appeal is decided."))
    first = found.state == "open"
    if not first:
        # As for appeals against the overdue mark, the second word is a leader's.
        actor.require("case.approve")
    _require_another(found, actor)
    state = ("supported" if first else "granted") if grant else "refused"
    binds = {"id": number, "state": state, "person": actor.person_id, "at": at, "reason": reason}
    session.execute(FIRST if first else SECOND, binds)
    audit.note(session, actor, "evaluation.review", str(number), result=state)
    return {"id": number, "state": state}


def _require_another(found: Row[Any], actor: Actor) -> None:
    if actor.person_id in (found.lodged_by, found.first_by):
        raise Forbidden(sentence("Somebody else must review what you lodged or reviewed before."))
