"""Pressing for a case: urging (催办), supervision orders (督办), their answers and ends.

Each is a record beside the case, and a line in its journal that moves nothing: the notice to who
must act next follows from that line, after commit.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases import journal
from app.cases import queries as cases
from app.cases.pressure import queries, rules
from app.catalogue.queries import handbook
from app.catalogue.rules import UNIT_NAMES, Limit
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.i18n import translate

URGE = text(
    "INSERT INTO case_urges (case_id, person_id, words, at) VALUES (:case, :person, :words, :at)"
)
GIVE = text(
    "INSERT INTO case_orders (case_id, giver_id, words, limit_value, limit_unit, weight,"
    " department, given_at, clock_at, amber_at, due_at) VALUES (:case, :giver, :words, :value,"
    " :unit, :weight, :department, :clock_at, :clock_at, :amber_at, :due_at) RETURNING uid::text"
)
ANSWER = text(
    "UPDATE case_orders SET state = 'answered', answered_at = :at, late = late OR due_at < :at"
    " WHERE id = :id"
)
END = text("UPDATE case_orders SET state = 'ended', ended_at = :at WHERE id = :id")
AGAIN = text(
    "UPDATE case_orders SET state = 'open', answered_at = NULL, rounds = rounds + 1,"
    " clock_at = :clock_at, amber_at = :amber_at, due_at = :due_at WHERE id = :id"
)
Told = dict[str, Any]


def urge(session: Session, ref: str, words: str, *, actor: Actor, at: datetime) -> Told:
    """Press for case ``ref`` and return the step; one person at most twice an hour."""
    row = _held(session, ref, "case.urge", actor)
    last = queries.last_urge(session, row.id, actor.person_id)
    rules.check_urge(closed=row.closed_at is not None, last=last, at=at)
    told = {"case": row.id, "person": actor.person_id, "words": words, "at": at}
    session.execute(URGE, told)
    return journal.note(session, row, "urge", {"words": words}, actor=actor, at=at)


def instruct(
    session: Session,
    ref: str,
    words: str,
    limit: Limit,
    weight: float,
    *,
    actor: Actor,
    at: datetime,
) -> Told:
    """Give a supervision order about case ``ref`` with a clock of its own, and return its step."""
    row = _held(session, ref, "case.instruct", actor)
    rules.check_order(closed=row.closed_at is not None, department=row.department, weight=weight)
    clock = rules.clock(local(at), limit, handbook(session, actor.handbook).calendar())
    told = {"case": row.id, "giver": actor.person_id, "words": words, "weight": weight}
    about = {"value": limit.value, "unit": limit.unit, "department": row.department}
    uid = session.execute(GIVE, {**told, **about, **clock}).scalar_one()
    said = {
        "order": uid,
        "words": words,
        "limit": f"{limit.value:g} {translate(UNIT_NAMES[limit.unit])}",
        "weight": f"{weight:g}",
        "due": f"{clock['due_at']:%Y-%m-%d %H:%M}",
    }
    step = journal.note(session, row, "instruct", said, actor=actor, at=at)
    return step | {"order": uid, "order_due_at": cases.iso(clock["due_at"])}


def answer(session: Session, uid: UUID, words: str, *, actor: Actor, at: datetime) -> Told:
    """Answer an order as the department that holds its case, and return the step."""
    order, row = _order(session, uid, "case.handle", actor)
    rules.check_answer(order.state, row.department, actor.department)
    session.execute(ANSWER, {"id": order.id, "at": at})
    said = {"order": order.uid, "words": words}
    return journal.note(session, row, "answer_order", said, actor=actor, at=at)


def decide(
    session: Session, uid: UUID, words: str, *, enough: bool, actor: Actor, at: datetime
) -> Told:
    """Judge the answer to an order: ``enough`` ends it, else it is given again with a new clock."""
    order, row = _order(session, uid, "case.instruct", actor)
    rules.check_decision(order.state, order.giver_id, actor)
    said = {"order": order.uid, "words": words}
    if enough:
        session.execute(END, {"id": order.id, "at": at})
        return journal.note(session, row, "end_order", said, actor=actor, at=at)
    limit = Limit(order.limit_value, order.limit_unit)
    clock = rules.clock(local(at), limit, handbook(session, actor.handbook).calendar())
    session.execute(AGAIN, {"id": order.id, **clock})
    said["due"] = f"{clock['due_at']:%Y-%m-%d %H:%M}"
    return journal.note(session, row, "repeat_order", said, actor=actor, at=at)


def _held(session: Session, ref: str, permission: str, actor: Actor) -> Row[Any]:
    """Return the case ``ref``, locked, if ``actor`` may press for it."""
    row = cases.one(session, ref, actor, hold=True)
    actor.require(permission, at=row.cell or "")
    return row


def _order(session: Session, uid: UUID, permission: str, actor: Actor) -> tuple[Row[Any], Row[Any]]:
    """Return the order ``uid`` and its case, both as they stand once the case is locked."""
    row = _held(session, queries.one(session, uid, actor).case_uid, permission, actor)
    return queries.one(session, uid, actor), row


def view(session: Session, ref: str, *, actor: Actor, at: datetime) -> Told:
    """Return what presses on case ``ref``, and how ``actor`` may press or answer."""
    row = cases.one(session, ref, actor)
    inside = actor.covers(row.cell or "") and row.closed_at is None
    return {
        "urges": queries.urges(session, row.id),
        "orders": queries.of_case(session, row.id, at=at),
        "may_urge": inside and actor.may("case.urge"),
        "may_instruct": inside and actor.may("case.instruct") and row.department is not None,
        "may_answer": actor.may("case.handle") and actor.department == row.department,
        "may_judge": actor.may("case.instruct"),
        "units": {unit: translate(name) for unit, name in UNIT_NAMES.items()},
    }
