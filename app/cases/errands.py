"""Doing something about a task, whether or not it belongs to a case.

A task of a case is answered and given on as a step of that case: ``cases.service.act`` stays the
only door through which a case changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.cases import queries
from app.cases import service as cases
from app.cases.forms import StepForm
from app.cases.tasks import queries as tasks
from app.cases.tasks import service
from app.cases.tasks.rules import AUTO, AWAITED
from app.cases.tasks.service import Order
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence


@dataclass(frozen=True, slots=True)
class Found:
    """What somebody found on the spot; ``answers`` are those that the case's action asks for."""

    result: str
    photos: tuple[str, ...]
    answers: Mapping[str, Any]


def order(session: Session, wish: Order, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Send somebody to a place and return the task."""
    return service.order(session, wish, actor=actor, at=at)


def about_case(session: Session, ref: str, wish: Order, *, actor: Actor) -> Order:
    """Return ``wish`` as it is about open case ``ref``, at its place.

    This is how photos that prove nothing are taken again: the case does not wait, but its page
    shows the answer.  Raises ``Refused`` if the case is closed.
    """
    row = queries.one(session, ref, actor)
    if row.closed_at is not None or row.cell is None:
        raise Refused(sentence("The case is closed: nobody is sent to it any more.")).about("case")
    return replace(wish, lon=row.lon, lat=row.lat, cell=row.cell, case_id=row.id)


def answer(
    session: Session, task: UUID, found: Found, *, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Answer open task ``task`` and return it; one of a case moves the case on.

    Raises ``Conflict`` if it has ended, ``Forbidden`` if it is another's, ``Refused`` if it says
    nothing.
    """
    row = tasks.one(session, task, actor)
    service.require_open(row)
    if row.purpose in AWAITED:
        told = {"result": found.result, "note": found.result, "photos": list(found.photos)}
        form = StepForm(row.purpose, row.case_steps, {**told, **found.answers})
        cases.act(session, row.case_uid, form, actor=actor, at=at)
        return _after(session, task, row, actor, "task.answer", at)
    if not found.result:
        raise Refused(sentence("“%(field)s” is missing."), field="result").about("result")
    row = tasks.one(session, task, actor, hold=True)
    photos = list(found.photos)
    return service.answer(session, row, found.result, photos, actor=actor, at=at)


def reassign(
    session: Session, task: UUID, person: int | None, *, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Give open task ``task`` to ``person``, or to whom the system chooses, and return the new one.

    For a case this is its action of the same name, with its permission and guards.
    """
    row = tasks.one(session, task, actor)
    service.require_open(row)
    if row.purpose not in AWAITED:
        held = tasks.one(session, task, actor, hold=True)
        return service.hand_on(session, held, person, actor=actor, at=at)
    answers = {"inspector": AUTO if person is None else str(person)}
    cases.act(
        session, row.case_uid, StepForm("reassign", row.case_steps, answers), actor=actor, at=at
    )
    return tasks.shown(tasks.open_of(session, row.case_id), at)


def _after(
    session: Session, task: UUID, row: Row[Any], actor: Actor, action: str, at: datetime
) -> dict[str, Any]:
    """Return the task in ``row`` as it stands after a step of its case."""
    audit.note(session, actor, action, row.uid)
    return tasks.shown(tasks.one(session, task, actor), at)
