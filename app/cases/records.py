"""What a decision writes beside the case: requests, helpers, parts, mergers.

Each writer has the name that an effect gave its record, and runs in the transaction of the step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.cases import journal, queries
from app.cases.facts import Decision
from app.cases.journal import Line, Told
from app.kernel import sql
from app.kernel.auth import Actor

ASK = (
    "INSERT INTO case_requests (case_id, kind, levels, reason, until, department, asked_by,"
    " asked_at, asked_step) VALUES (:case_id, :kind, :levels, :reason, CAST(:until AS date),"
    " :department, :person, :at, :step)"
)
REVIEW = (
    "UPDATE case_requests SET done = done + 1, reviewed_by = :person, reviewed_at = :at"
    " WHERE id = :request AND ended_at IS NULL"
)
DECIDE = (
    "UPDATE case_requests SET outcome = CAST(:outcome AS varchar), ended_by = :person,"
    " ended_at = :at, ended_step = :step, done = CASE WHEN CAST(:outcome AS varchar) = 'granted'"
    "  THEN cardinality(levels) ELSE done END"
    " WHERE id = :request AND ended_at IS NULL"
)
HELP = (
    "INSERT INTO case_helpers (case_id, department, asked_step, asked_at)"
    " SELECT :case_id, d, :step, :at FROM unnest(CAST(:departments AS text[])) d"
    " WHERE NOT EXISTS (SELECT FROM case_helpers h WHERE h.case_id = :case_id"
    "  AND h.department = d AND h.done_at IS NULL)"
)
HELPED = (
    "UPDATE case_helpers SET done_at = :at, done_step = :step"
    " WHERE case_id = :case_id AND department = :department AND done_at IS NULL"
)
PART = queries.source("part")


@dataclass(frozen=True, slots=True)
class Scene:
    """The case as it was before the step, the step's number, who took it, and when."""

    row: Row[Any]
    step: int
    actor: Actor
    at: datetime
    number: str | None

    @property
    def binds(self) -> dict[str, Any]:
        """Return what every writer may bind."""
        return {
            "case_id": self.row.id,
            "step": self.step,
            "person": self.actor.person_id,
            "at": self.at,
        }


def write(session: Session, decision: Decision, scene: Scene) -> None:
    """Write everything that ``decision`` says besides the case's own row."""
    for record in decision.records:
        WRITERS[record.what](session, record.told, decision, scene)


def _ask(session: Session, told: Mapping[str, Any], decision: Decision, scene: Scene) -> None:
    why = decision.answers.get("reason", "")
    held = scene.actor.department
    sql.ask(session, ASK, {**scene.binds, **told, "reason": why, "department": held})


def _review(session: Session, told: Mapping[str, Any], decision: Decision, scene: Scene) -> None:
    sql.ask(session, REVIEW, {**scene.binds, **told})


def _decide(session: Session, told: Mapping[str, Any], decision: Decision, scene: Scene) -> None:
    sql.ask(session, DECIDE, {**scene.binds, **told})


def _help(session: Session, told: Mapping[str, Any], decision: Decision, scene: Scene) -> None:
    sql.ask(session, HELP, {**scene.binds, **told})


def _helped(session: Session, told: Mapping[str, Any], decision: Decision, scene: Scene) -> None:
    sql.ask(session, HELPED, {**scene.binds, **told})


def _divide(session: Session, told: Mapping[str, Any], decision: Decision, scene: Scene) -> None:
    """Begin a case for each department, each with a first line in a journal of its own."""
    for nth, part in enumerate(told["parts"], start=1):
        binds = {**part, "parent": scene.row.id, "nth": str(nth), "at": scene.at}
        binds.pop("overdue_marked_at")
        begun = sql.ask(session, PART, binds).one()
        answers = {"of": scene.number or "", "note": decision.answers.get("note", "")}
        line = Line(1, "divide", "", "dispatched", answers, part["due_at"], scene.at)
        heard = Told(None, {}, begun.cell or "", part["department"])
        moved = journal.alone(begun.id)
        journal.append(session, moved, line, heard, actor=scene.actor, photos=())


def _absorb(session: Session, told: Mapping[str, Any], decision: Decision, scene: Scene) -> None:
    """Note in the other case's journal that a report was merged into it."""
    other = queries.by_id(session, told["into"])
    answers = {"from": scene.row.uid}
    journal.note(session, other, "absorb", answers, actor=scene.actor, at=scene.at)


Writer = Callable[[Session, Mapping[str, Any], Decision, Scene], None]
WRITERS: dict[str, Writer] = {
    "ask": _ask,
    "review": _review,
    "decide": _decide,
    "help": _help,
    "helped": _helped,
    "divide": _divide,
    "absorb": _absorb,
}
