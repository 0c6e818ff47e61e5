"""Moving a case (案卷) along its flow.

``act`` is the only function that changes the state of a case, and ``report`` the
only one that begins one.  Both ask ``rules`` what should become of it and write the
answer down twice: as a line in the journal and as the new summary.  Every judgement
is made, and tested, in ``rules``; nothing here decides anything, and nothing commits.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases import options, queries, rules, views
from app.cases.forms import ReportForm, StepForm
from app.catalogue.queries import handbook
from app.catalogue.rules import Handbook, Kind
from app.kernel import attempts, audit, sql
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import Conflict, Refused, sentence
from app.parts import queries as parts
from app.places import queries as places
from app.places.queries import Place
from app.workflow import queries as flows
from app.workflow.engine import Flow

BEGIN = (
    "INSERT INTO cases (client_uid, flow_id, source, kind, part_code, description, address, cell,"
    " place, state, stage, reporter_id, captured_at, reported_at, clock_at, clock_limit,"
    " clock_unit, amber_at, due_at, steps)"
    " VALUES (:client_uid, :flow_id, :source, :kind, :part_code, :description, :address, :cell,"
    " ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :state, :stage, :reporter_id, :captured_at,"
    " :at, :clock_at, :clock_limit, :clock_unit, :amber_at, :due_at, 1)"
    " ON CONFLICT (client_uid) WHERE client_uid IS NOT NULL DO NOTHING RETURNING id, uid::text"
)
STEP = queries.source("step").replace("/*noted*/", audit.NOTE).replace("/*kept*/", attempts.KEEP)
SHOW = text(
    "INSERT INTO case_photos (case_id, position, photo_id)"
    " SELECT :case_id, :position, id FROM photos WHERE id = ANY(CAST(:photos AS uuid[]))"
    " RETURNING photo_id"
)
SERIAL = text(
    "INSERT INTO case_counters (prefix, day, last) VALUES (:prefix, :day, 1)"
    " ON CONFLICT (prefix, day) DO UPDATE SET last = case_counters.last + 1 RETURNING last"
)
CALLER = text("INSERT INTO callers (case_id, name, phone) VALUES (:case_id, :name, :phone)")
SETTLED = frozenset(
    {"kind", "condition_id", "department", "inspector_id", "passed", "rework_count", "number"}
    | {"clock_at", "clock_limit", "clock_unit", "amber_at", "due_at", "overdue_marked_at"}
    | {"filed_at", "dispatched_at", "handled_at", "handle_due_at", "close_due_at", "closed_at"}
)
"""The columns a decision may set; a name that is not here never reaches a statement."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the journal of a case."""

    case_id: int
    position: int
    action: str
    source: str
    target: str
    answers: Mapping[str, Any]
    due_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What goes out with a line: the answer (kept under ``key``), and who may hear of it."""

    key: UUID | None
    answer: Mapping[str, Any]
    area: str
    department: str | None


def report(
    session: Session, form: ReportForm, *, actor: Actor, at: datetime, key: UUID | None = None
) -> dict[str, Any]:
    """Begin a case from ``form`` and return it as its reporter sees it.

    A device that sends the same ``client_uid`` again is told of the case it already
    began.  A report outside the reporter's own area is welcome (standards §2.4).
    Raises ``Refused`` for an unknown kind, part or photo, or a point outside the city;
    nothing is stored then.
    """
    book = handbook(session, actor.handbook)
    flow = flows.current(session, book.version)
    kind = _kind_meant(session, form, book)
    place = places.locate(session, *places.admit(form.lon, form.lat, form.coord_sys))
    state = flow.states[flow.start]
    started = rules.clock(rules.limit_of(state, None), local(at), book.calendar())
    told = _told(form, place) | {"kind": kind.id, "reporter_id": actor.person_id, "at": at}
    where = {"flow_id": flow.id, "state": state.name, "stage": state.stage}
    begun = sql.ask(session, BEGIN, {**told, **where, **started}).first()
    if begun is None:
        return attempts.keep(session, actor, key, _already(session, form.client_uid))
    answer = {
        "uid": begun.uid,
        "number": None,
        "state": state.name,
        "stage": state.stage,
        "cell": place.cell,
        "due_at": queries.iso(started["due_at"]),
        "seen": 1,
    }
    line = Line(begun.id, 1, "report", "", state.name, {}, None, at)
    shown = [str(photo) for photo in form.photos]
    _write(session, line, Told(key, answer, place.cell, None), actor=actor, photos=shown)
    _keep_caller(session, begun.id, form)
    return answer


def _kind_meant(session: Session, form: ReportForm, book: Handbook) -> Kind:
    """Return the kind a report is about; a part that is named must be of that kind."""
    kind = book.kind(form.kind, with_part=bool(form.part_code))
    if form.part_code and parts.kind_of(session, form.part_code) != kind.id:
        raise Refused(sentence("The part is of another kind than the report.")).about("part_code")
    return kind


def _told(form: ReportForm, place: Place) -> dict[str, Any]:
    """Return the columns that say what was reported, and where."""
    return {
        "client_uid": form.client_uid,
        "source": form.source,
        "part_code": form.part_code or None,
        "description": form.description,
        "address": form.address or place.address,
        "cell": place.cell,
        "lon": place.lon,
        "lat": place.lat,
        "captured_at": form.captured_at,
    }


def _keep_caller(session: Session, case_id: int, form: ReportForm) -> None:
    if form.caller_phone or form.caller_name:
        who = {"name": form.caller_name, "phone": form.caller_phone}
        session.execute(CALLER, {"case_id": case_id, **who})


def _already(session: Session, client_uid: UUID | None) -> dict[str, Any]:
    row = client_uid and queries.by_client_uid(session, client_uid)
    if not row:
        raise Conflict(sentence("This report is being stored right now. Try again in a moment."))
    return _brief(row)


def _brief(row: Row[Any]) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "number": row.number,
        "state": row.state,
        "stage": row.stage,
        "cell": row.cell,
        "due_at": queries.iso(row.due_at),
        "seen": row.steps,
    }


def act(
    session: Session,
    ref: str,
    form: StepForm,
    *,
    actor: Actor,
    at: datetime,
    key: UUID | None = None,
) -> dict[str, Any]:
    """Carry out an action on case ``ref`` and return the step that records it.

    ``form.seen`` is the last step the actor had on screen: a case that has moved on
    raises ``Conflict``, with the present state, rather than acting on what the actor
    never read.
    """
    row = queries.one(session, ref, actor, hold=True)
    if form.seen != row.steps:
        raise _overtaken(session, row, at)
    flow, book = flows.get(session, row.flow_id), handbook(session, actor.handbook)
    move = flow.move(row.state, form.action)
    actor.require(move.permission, at=row.cell)
    offered = options.of(session, move, row, book)
    answers = rules.check_answers(move, form.answers, options.values(offered))
    facts = options.facts(row, book, twin=row.twin)
    if "condition" in answers:
        chosen = facts.conditions.get(answers["condition"])
        facts = options.with_condition(facts, chosen)
    decision = rules.decide(flow, facts, form.action, actor, answers, local(at))
    number = _number(session, row, decision, at)
    _settle(session, row.id, decision, number)
    line = Line(
        row.id,
        row.steps + 1,
        decision.action,
        decision.source,
        decision.state,
        answers,
        decision.due_at,
        at,
    )
    answer = _public(flow, row, line, number, decision)
    _write(session, line, Told(key, answer, row.cell or "", _held(row, decision)), actor=actor)
    return answer


def _overtaken(session: Session, row: Row[Any], at: datetime) -> Conflict:
    told = Conflict(
        sentence("Someone else has moved this case on. Read it again, then decide."),
        case=row.uid,
        seen=row.steps,
    )
    told.current = queries.items(session, [row], at)[0] | {"seen": row.steps}
    return told


def _held(row: Row[Any], decision: rules.Decision) -> str | None:
    held: str | None = decision.changes.get("department", row.department)
    return held


def _number(session: Session, row: Row[Any], decision: rules.Decision, at: datetime) -> str | None:
    """Return the case's number, giving it one if the decision asks; the day's counter is held."""
    if not decision.needs_number:
        known: str | None = row.number
        return known
    day = local(at).date()
    prefix = decision.changes.get("kind", row.kind)
    serial = session.execute(SERIAL, {"prefix": prefix, "day": day}).scalar_one()
    return rules.number_of(prefix, day, serial)


def _settle(session: Session, case_id: int, decision: rules.Decision, number: str | None) -> None:
    """Make the summary what was decided; only ``act`` calls this."""
    changes = {**decision.changes, "number": number}
    named = ", ".join(f"{name} = :{name}" for name in sorted(changes) if name in SETTLED)
    sql.ask(
        session,
        f"UPDATE cases SET state = :state, stage = :stage, steps = steps + 1, {named}"  # noqa: S608
        " WHERE id = :id",
        {**changes, "state": decision.state, "stage": decision.stage, "id": case_id},
    )


NOTED = "UPDATE cases SET steps = steps + 1 WHERE id = :id"


def note(
    session: Session,
    row: Row[Any],
    action: str,
    answers: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    key: UUID | None = None,
) -> dict[str, Any]:
    """Add a line that moves nothing to the journal of the case in ``row``, and return its step.

    The caller holds the row (``queries.one(…, hold=True)``) and has judged that it may be said.
    """
    sql.ask(session, NOTED, {"id": row.id})
    position = row.steps + 1
    line = Line(row.id, position, action, row.state, row.state, answers, row.due_at, at)
    answer = _brief(row) | {"seen": position, "step": position, "action": action}
    _write(session, line, Told(key, answer, row.cell or "", row.department), actor=actor)
    return answer


def _write(
    session: Session,
    line: Line,
    told: Told,
    *,
    actor: Actor,
    photos: Iterable[str] | None = None,
) -> None:
    """Append ``line`` to the journal, and tell photos, audit, outbox and a retry of it."""
    sql.ask(
        session,
        STEP,
        {
            **audit.facts(actor, f"case.{line.action}", str(line.case_id)),
            **attempts.kept(actor, told.key, told.answer),
            "case_id": line.case_id,
            "position": line.position,
            "taken": line.action,
            "source": line.source,
            "target": line.target,
            "post": actor.post,
            "department": actor.department,
            "answers": json.dumps(dict(line.answers), ensure_ascii=False),
            "due_at": line.due_at,
            "at": line.at,
            "area": told.area,
            "held": told.department,
        },
    )
    _show(session, line, list(line.answers.get("photos", ()) if photos is None else photos))


def _show(session: Session, line: Line, photos: list[str]) -> None:
    """Tie ``photos`` to the step, or raise ``Refused`` if one was never stored."""
    if not photos:
        return
    for photo in photos:
        try:
            UUID(photo)
        except ValueError:
            raise Refused(sentence("There is no photo “%(photo)s”."), photo=photo).about(
                "photos"
            ) from None
    binds = {"case_id": line.case_id, "position": line.position, "photos": photos}
    shown = {str(row.photo_id) for row in session.execute(SHOW, binds)}
    if missing := [photo for photo in photos if photo not in shown]:
        raise Refused(sentence("There is no photo “%(photo)s”."), photo=missing[0]).about("photos")


def _public(
    flow: Flow, row: Row[Any], line: Line, number: str | None, decision: rules.Decision
) -> dict[str, Any]:
    return {
        "uid": row.uid,
        "number": number,
        "step": line.position,
        "seen": line.position,
        "action": line.action,
        "state": line.target,
        "stage": flow.states[line.target].stage,
        "due_at": queries.iso(decision.changes.get("due_at", row.due_at)),
        "at": queries.iso(line.at),
    }


def view(session: Session, ref: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return case ``ref`` with its clock, its journal, and what ``actor`` may do now."""
    return views.whole(session, queries.one(session, ref, actor), actor=actor, at=at)


def steps(session: Session, ref: str, *, actor: Actor) -> list[dict[str, Any]]:
    """Return the journal of case ``ref``."""
    row = queries.one(session, ref, actor)
    return views.steps(session, row, flows.get(session, row.flow_id), handbook(session))


MARK = text(
    "WITH late AS (SELECT id FROM cases WHERE closed_at IS NULL AND due_at < :at"
    "  AND overdue_marked_at IS NULL ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED),"
    " marked AS (UPDATE cases SET overdue_marked_at = :at FROM late WHERE cases.id = late.id"
    "  RETURNING cases.id, cell, department),"
    " told AS (INSERT INTO outbox (topic, subject_id, area, department)"
    "  SELECT 'case', id, coalesce(cell, ''), department FROM marked)"
    " SELECT count(*) FROM marked"
)


def mark_due(session: Session, *, at: datetime, most: int = 500) -> int:
    """Mark cases whose deadline has passed and tell the screens; return how many.

    Safe to run twice: a case is marked once per clock, and starting a clock unmarks it.
    """
    marked: int = session.execute(MARK, {"at": at, "most": most}).scalar_one()
    return marked
