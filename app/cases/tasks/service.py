"""Sending people into the field, and what comes of it.

``follow`` writes a task down with the step of the case that gives or ends it, in the same
transaction; ``order`` sends somebody to a place beside the flow of any case; ``go_up`` is for
those who do not answer.  Whom to send is decided in ``rules``; nothing here commits.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases.tasks import queries, rules
from app.cases.tasks.queries import Spot
from app.cases.tasks.rules import AUTO, OF_STATE, Choice
from app.kernel import audit, sql
from app.kernel.auth import Actor
from app.kernel.clock import now
from app.kernel.errors import Conflict, Forbidden, Refused, sentence
from app.kernel.i18n import translate
from app.workflow.engine import Move

OPEN = queries.source("open")
END = (
    "UPDATE tasks SET ended_at = :at, outcome = :outcome,"
    " answered_at = CASE WHEN CAST(:answered AS boolean) THEN CAST(:at AS timestamptz) END"
    " WHERE case_id = :case_id AND ended_at IS NULL AND purpose IN ('confirm','verify')"
)
ANSWER = text(
    "UPDATE tasks SET ended_at = :at, answered_at = :at, outcome = 'answered',"
    " answer = jsonb_build_object('result', CAST(:result AS text), 'photos',"
    "  to_jsonb(CAST(:photos AS text[]))) WHERE id = :id"
)
PHOTOS = text("SELECT count(*) FROM photos WHERE id = ANY(CAST(:photos AS uuid[]))")
TELL = text(
    "INSERT INTO outbox (topic, subject_id, area, department) VALUES ('task', :id, :area, NULL)"
)
RISE = text(
    "WITH late AS (SELECT id FROM tasks WHERE ended_at IS NULL AND escalated_at IS NULL"
    "  AND due_at < :at ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED),"
    " risen AS (UPDATE tasks SET escalated_at = :at FROM late WHERE tasks.id = late.id"
    "  RETURNING tasks.id, case_id, cell),"
    " told AS (INSERT INTO outbox (topic, subject_id, area, department)"
    "  SELECT CASE WHEN case_id IS NULL THEN 'task' ELSE 'case' END, coalesce(case_id, id), cell,"
    "  NULL FROM risen)"
    " SELECT count(*) FROM risen"
)
USUAL = timedelta(minutes=30)
"""What a task may take where no clock says otherwise: as long as confirming (standards §6.5)."""


class Decided(Protocol):
    """What ``follow`` needs to know of a decision about a case."""

    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def changes(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def answers(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Order:
    """An order to look at a place; ``person`` is None where the system is to choose.

    With ``case_id`` it is about that case, which does not wait for it: its photos are to be taken
    again, or somebody wants to see it now.
    """

    purpose: str
    lon: float
    lat: float
    cell: str
    note: str
    person: int | None
    minutes: int
    case_id: int | None = None


def spot_of(row: Row[Any]) -> Spot:
    """Return where the case in ``row`` is, for choosing whom to send there."""
    return Spot(row.cell or "", row.lon, row.lat, row.id, row.reporter_id)


def choices(session: Session, row: Row[Any], *, at: datetime | None = None) -> list[dict[str, str]]:
    """Return who may be sent to the case in ``row``, the likeliest first, each with the reason.

    The system's own choice comes first where somebody is on duty, else last.
    """
    found = queries.candidates(session, spot_of(row), at=at or now())
    listed = [
        {"value": str(c.id), "label": f"{c.name} · {_standing(c)}"} for c in rules.ranked(found)
    ]
    own = {"value": AUTO, "label": translate("The system chooses")}
    anybody = any((c.on_duty or c.metres is not None) and not c.reported for c in found)
    return [own, *listed[:100]] if anybody else [*listed[:100], own]


def _standing(one: rules.Candidate) -> str:
    """Return in words why somebody is listed where they are."""
    if one.checked:
        return translate("checked this case before")
    told = [translate("on shift in the beat")] if one.in_beat else []
    if one.metres is not None:
        told.append(translate("%(metres)s m away", metres=f"{one.metres:.0f}"))
    if told:
        return ", ".join(told)
    return translate("on duty") if one.on_duty else translate("not on duty")


def resolve(
    session: Session, row: Row[Any], move: Move, answers: Mapping[str, Any], *, at: datetime
) -> dict[str, Any]:
    """Return ``answers`` with a person where the choice was left to the system, and how chosen.

    Who is out for the case now is passed over: a task that is given again goes to another.
    """
    if answers.get("inspector") != AUTO:
        return dict(answers)
    purpose = OF_STATE.get(move.target) or OF_STATE.get(row.state, "confirm")
    choice = _choice(session, purpose, spot_of(row), {row.inspector_id}, at)
    chosen: dict[str, Any] = {"way": choice.way, "metres": choice.metres}
    if choice.seed:
        chosen |= {"pool": list(choice.pool), "seed": choice.seed}
    return {**answers, "inspector": str(choice.person), "chosen": chosen}


def _choice(
    session: Session, purpose: str, spot: Spot, without: set[int | None], at: datetime
) -> Choice:
    found = queries.candidates(session, spot, at=at)
    passed_over = [person for person in without if person is not None]
    return rules.choose(purpose, found, secrets.token_hex(16), without=passed_over)


def follow(
    session: Session, row: Row[Any], decision: Decided, *, actor: Actor, at: datetime
) -> None:
    """Write down the task that a step of the case in ``row`` gives, or how it ends the open one.

    At most one statement, and none where no task is concerned.
    """
    given = decision.changes.get("inspector_id")
    if given is not None and decision.state in OF_STATE:
        _open_for_case(session, row, decision, int(given), actor=actor, at=at)
    elif row.state in OF_STATE and decision.state != row.state:
        _end(session, row, decision, actor=actor, at=at)


def _open_for_case(
    session: Session, row: Row[Any], decision: Decided, person: int, *, actor: Actor, at: datetime
) -> None:
    chosen = decision.answers.get("chosen") or {"way": "by hand"}
    choice = Choice(
        person,
        chosen["way"],
        chosen.get("metres"),
        tuple(chosen.get("pool", ())),
        chosen.get("seed"),
    )
    due = decision.changes.get("due_at") or at + USUAL
    told: dict[str, Any] = {
        "case_id": row.id,
        "purpose": OF_STATE[decision.state],
        "note": "",
        "former": None,
    }
    _open(session, spot_of(row), choice, {**told, "given_by": actor.person_id, "due_at": due}, at)


def _open(
    session: Session, spot: Spot, choice: Choice, told: Mapping[str, Any], at: datetime
) -> Any:
    where = {"cell": spot.cell, "lon": spot.lon, "lat": spot.lat}
    how = {"person": choice.person, "way": choice.way, "metres": choice.metres}
    drawn = {"pool": list(choice.pool), "seed": choice.seed}
    return sql.ask(session, OPEN, {**told, **where, **how, **drawn, "at": at}).one()


def _end(session: Session, row: Row[Any], decision: Decided, *, actor: Actor, at: datetime) -> None:
    answered = actor.person_id == row.inspector_id
    passed = decision.answers.get("passed")
    outcome = {True: "passed", False: "failed", None: "answered"}[passed]
    told = {"outcome": outcome if answered else "withdrawn", "answered": answered}
    sql.ask(session, END, {"case_id": row.id, "at": at, **told})


def order(session: Session, wish: Order, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Send somebody to a place and return the task.

    Raises ``Refused`` if nobody is near and nobody was named, or who was named is no inspector
    of the place.
    """
    actor.require("task.give", at=wish.cell)
    spot = Spot(wish.cell, wish.lon, wish.lat)
    choice = _named(session, spot, wish.person, at) or _choice(
        session, wish.purpose, spot, set(), at
    )
    told: dict[str, Any] = {
        "case_id": wish.case_id,
        "purpose": wish.purpose,
        "note": wish.note,
        "former": None,
    }
    told |= {"given_by": actor.person_id, "due_at": at + timedelta(minutes=wish.minutes)}
    return _given(session, _open(session, spot, choice, told, at), actor, wish.cell, at)


def _named(session: Session, spot: Spot, person: int | None, at: datetime) -> Choice | None:
    if person is None:
        return None
    found = {c.id: c for c in queries.candidates(session, spot, at=at)}
    if person not in found:
        raise Refused(
            sentence("Whoever you named is no inspector of this place. Choose another.")
        ).about("inspector")
    return Choice(person, "by hand", found[person].metres)


def _given(session: Session, opened: Any, actor: Actor, cell: str, at: datetime) -> dict[str, Any]:
    """Tell the audit and the screens of a task that was given, and return it."""
    audit.note(session, actor, "task.give", opened.uid)
    session.execute(TELL, {"id": opened.id, "area": cell})
    return queries.shown(queries.one(session, opened.uid, actor), at)


def hand_on(
    session: Session, row: Row[Any], person: int | None, *, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Give the open task in ``row``, which no case waits for, to somebody else; return the new.

    The one who did not answer is passed over.
    """
    require_open(row)
    actor.require("task.give", at=row.cell)
    spot = Spot(row.cell, row.lon, row.lat)
    choice = _named(session, spot, person, at)
    if choice is None:
        choice = _choice(session, row.purpose, spot, {row.person_id}, at)
    told: dict[str, Any] = {
        "case_id": row.case_id,
        "purpose": row.purpose,
        "note": row.note,
        "former": row.id,
    }
    told |= {"given_by": actor.person_id, "due_at": at + (row.due_at - row.given_at)}
    return _given(session, _open(session, spot, choice, told, at), actor, row.cell, at)


def require_open(row: Row[Any]) -> None:
    """Raise ``Conflict`` if the task in ``row`` has ended."""
    if row.ended_at is not None:
        raise Conflict(
            sentence("This task has ended: it was answered or given to another inspector."),
            task=row.uid,
        )


def answer(
    session: Session,
    row: Row[Any],
    result: str,
    photos: list[str],
    *,
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Store what was found on the open task in ``row``, which no case waits for; return it."""
    require_open(row)
    if row.person_id != actor.person_id:
        raise Forbidden(sentence("This task was given to another inspector."))
    if session.execute(PHOTOS, {"photos": photos}).scalar_one() != len(photos):
        raise Refused(sentence("One of the photos was never stored. Send it again.")).about(
            "photos"
        )
    session.execute(ANSWER, {"id": row.id, "at": at, "result": result, "photos": photos})
    audit.note(session, actor, "task.answer", row.uid)
    session.execute(TELL, {"id": row.id, "area": row.cell})
    return queries.shown(queries.one(session, row.uid, actor), at)


def go_up(session: Session, *, at: datetime, most: int = 500) -> int:
    """Mark the tasks that nobody answered in time and tell the screens; return how many.

    Safe to run twice: a task goes up once; who is sent instead gets a task of their own.
    """
    risen: int = session.execute(RISE, {"at": at, "most": most}).scalar_one()
    return risen
