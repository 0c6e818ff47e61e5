"""Moving a case (案卷) along its flow.

``act`` is the only function that changes the state of a case, and ``report`` the
only one that begins one.  Both ask ``rules`` what should become of it and write the
answer down twice: as a line in the journal and as the new summary.  Every judgement
is made, and tested, in ``rules``; nothing here decides anything, and nothing commits.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases import calendars, journal, options, proof, queries, records, rules, views
from app.cases.forms import ReportForm, StepForm
from app.cases.journal import Line, Moved, Told
from app.cases.records import Scene
from app.cases.tasks import service as tasks
from app.catalogue.queries import handbook
from app.catalogue.rules import Handbook, Kind
from app.kernel import attempts
from app.kernel.attempts import Retry
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import Conflict, Refused, sentence
from app.parts import queries as parts
from app.places import queries as places
from app.places.queries import Place
from app.workflow import queries as flows
from app.workflow.engine import Flow
from grid_codes import profiles

BEGIN, CALLED = queries.source("begin"), queries.source("called")
SERIAL = text(
    "INSERT INTO case_counters (prefix, day, last) VALUES (:prefix, :day, 1)"
    " ON CONFLICT (prefix, day) DO UPDATE SET last = case_counters.last + 1 RETURNING last,"
    " (SELECT pattern FROM number_patterns n JOIN city c ON c.profile = n.profile) AS pattern"
)
PATTERNS = text(
    "INSERT INTO number_patterns (profile, pattern) VALUES (:profile, :pattern)"
    " ON CONFLICT (profile) DO UPDATE SET pattern = excluded.pattern"
)
SETTLED = frozenset(
    {"kind", "condition_id", "department", "inspector_id", "confirmed", "passed", "number"}
    | {"clock_at", "clock_limit", "clock_unit", "amber_at", "due_at", "overdue_marked_at"}
    | {"handle_from", "handle_limit", "handle_due_at", "close_due_at", "left_value", "left_for"}
    | {"filed_at", "filer_id", "dispatched_at", "handled_at", "closed_at", "suspended_until"}
    | {"rework_count", "extensions", "suspensions", "returns", "exempt", "appealed"}
    | {"self_handled", "merged_into"}
)
"""The columns a decision may set; a name that is not here never reaches a statement."""


def report(
    session: Session,
    form: ReportForm,
    *,
    actor: Actor,
    at: datetime,
    retry: Retry | None = None,
) -> dict[str, Any]:
    """Begin a case from ``form`` and return it as its reporter sees it.

    All that it stores, it stores in one statement.  A device that sends the same ``client_uid``
    again is told of the case it already began.  A report outside the reporter's own area is
    welcome (standards §2.4).
    Raises ``Refused`` for an unknown kind, part or photo, or a point outside the city;
    nothing is stored then.
    """
    book = handbook(session, actor.handbook)
    flow = flows.current(session, book.version)
    kind = _kind_meant(session, form, book)
    place = places.locate(session, *places.admit(form.lon, form.lat, form.coord_sys))
    state = flow.states[flow.start]
    days = calendars.of_stage(book, state.stage, None, on=local(at).date())
    started = rules.clock(rules.limit_of(state, None), local(at), days)
    told = _told(form, place) | {"kind": kind.id, "reporter_id": actor.person_id, "at": at}
    where = {"flow_id": flow.id, "state": state.name, "stage": state.stage}
    answer = {
        "uid": str(uuid4()),
        "number": None,
        "state": state.name,
        "stage": state.stage,
        "cell": place.cell,
        "due_at": queries.iso(started["due_at"]),
        "seen": 1,
    }
    moved = Moved(BEGIN, {**told, **where, **started, "uid": answer["uid"]}, CALLED)
    line = Line(1, "report", "", state.name, {}, None, at)
    heard = Told(retry, answer, place.cell, None)
    shown = [str(photo) for photo in form.photos]
    begun = journal.append(session, moved, line, heard, actor=actor, photos=shown)
    if begun:
        return answer
    former = attempts.answered(session, actor, retry) if retry else None
    return former or _already(session, form.client_uid)


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
        "caller_name": form.caller_name,
        "caller_phone": form.caller_phone,
    }


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
    retry: Retry | None = None,
) -> dict[str, Any]:
    """Carry out an action on case ``ref`` and return the step that records it.

    ``form.seen`` is the last step the actor had on screen: a case that has moved on
    raises ``Conflict``, with the present state, rather than acting on what the actor
    never read.
    """
    if form.action == "merge":
        queries.hold_both(session, ref, str(form.answers.get("into") or ""))
    row = queries.one(session, ref, actor, hold=True)
    if form.seen != row.steps:
        raise _overtaken(session, row, at)
    return _take(session, row, form, actor=actor, at=at, retry=retry)


def act_alone(session: Session, case_id: int, action: str, *, at: datetime) -> dict[str, Any]:
    """Carry out ``action`` on a case as the system itself, and return the step."""
    row = queries.by_id(session, case_id)
    form = StepForm(action, row.steps, {})
    return _take(session, row, form, actor=rules.SYSTEM, at=at)


def _take(
    session: Session,
    row: Row[Any],
    form: StepForm,
    *,
    actor: Actor,
    at: datetime,
    retry: Retry | None = None,
) -> dict[str, Any]:
    """Carry out an action on the case in ``row``, which is held, and return the step."""
    flow, book = flows.get(session, row.flow_id), handbook(session, actor.handbook)
    decision, answers = _decide(session, row, form, flow, book, actor=actor, at=at)
    number = _number(session, row, decision, at)
    line = Line(
        row.steps + 1,
        decision.action,
        decision.source,
        decision.state,
        answers,
        decision.due_at,
        at,
    )
    answer = _public(flow, row, line, number, decision)
    heard = Told(retry, answer, row.cell or "", _held(row, decision))
    journal.append(session, _settled(row.id, decision, number), line, heard, actor=actor)
    tasks.follow(session, row, decision, actor=actor, at=at)
    records.write(session, decision, Scene(row, line.position, actor, at, number))
    if row.parent_id is not None and flow.states[decision.state].end:
        _end_parent(session, row.parent_id, at)
    return answer


def _decide(
    session: Session,
    row: Row[Any],
    form: StepForm,
    flow: Flow,
    book: Handbook,
    *,
    actor: Actor,
    at: datetime,
) -> tuple[rules.Decision, dict[str, Any]]:
    """Return what is to become of the case, and the answers as they were read."""
    move = proof.asking(session, row, flow.move(row.state, form.action))
    actor.require(move.permission, at=row.cell)
    offered = options.of(session, move, row, book)
    answers = rules.check_answers(move, form.answers, options.values(offered))
    answers = tasks.resolve(session, row, move, answers, at=at)
    facts = options.facts(row, book, twin=row.twin)
    if "condition" in answers:
        facts = options.with_condition(facts, facts.conditions.get(answers["condition"]))
    if "into" in answers:
        facts = replace(facts, into=queries.into(session, answers["into"], actor))
    return rules.decide(flow, facts, form.action, actor, answers, local(at)), answers


def _end_parent(session: Session, parent_id: int, at: datetime) -> None:
    """Close a divided case whose last part has just ended; its row is held meanwhile."""
    if queries.is_divided_and_done(session, parent_id):
        act_alone(session, parent_id, "end_divided", at=at)


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
    given = session.execute(SERIAL, {"prefix": prefix, "day": day}).one()
    return rules.number_of(prefix, day, given.last, given.pattern or rules.PATTERN)


def set_number_pattern(session: Session, profile: str, pattern: str) -> str:
    """Let the city write its numbers by ``pattern`` while it runs ``profile``; return an example.

    Raises ``Refused`` for a pattern that would lose or double numbers, ``UnknownProfile`` for a
    profile that there is not.
    """
    known = {"profile": profiles.profile(profile).name, "pattern": rules.check_pattern(pattern)}
    session.execute(PATTERNS, known)
    return rules.number_of("E0102", rules.DAY, 17, pattern)


def _settled(case_id: int, decision: rules.Decision, number: str | None) -> Moved:
    """Return what makes the summary what was decided; only ``act`` calls this."""
    changes = {**decision.changes, "number": number}
    named = ", ".join(f"{name} = :{name}" for name in sorted(changes) if name in SETTLED)
    return Moved(
        f"UPDATE cases SET state = :state, stage = :stage, steps = steps + 1, {named}"  # noqa: S608
        " WHERE id = :id RETURNING id",
        {**changes, "state": decision.state, "stage": decision.stage, "id": case_id},
    )


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
    return views.whole(session, queries.one(session, ref, actor, whole=True), actor=actor, at=at)


def steps(session: Session, ref: str, *, actor: Actor) -> list[dict[str, Any]]:
    """Return the journal of case ``ref``."""
    row = queries.one(session, ref, actor)
    return views.steps(session, row, flows.get(session, row.flow_id), handbook(session))
