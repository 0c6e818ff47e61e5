"""Requests about cases (延期 挂账 回退 作废 …) as a ledger, and the decision on one.

Asking and deciding are steps of the case like any other: whatever is sent here goes through
``service.act``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases import kin, queries, service
from app.cases.clocks import lamp
from app.cases.filters import WAITS_FOR_ME
from app.cases.forms import StepForm
from app.catalogue.queries import handbook
from app.kernel import fields
from app.kernel.attempts import Retry
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.i18n import translate
from app.kernel.scopes import visible
from app.workflow import queries as flows
from app.workflow.requests import VERBS, action_of

STATES = ("open", "mine", "ended")
LEDGER = queries.source("requests")
SHARES = queries.source("request_shares")
DECISIONS = VERBS[1:]
WATCHED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests a list shows; ``state`` is open, mine (waits for me), ended, or all."""

    state: str = ""
    kind: str = ""
    department: str = ""
    after: int | None = None
    limit: int = 50

    @classmethod
    def read(cls, args: Mapping[str, Any]) -> "Wanted":
        """Return the filters in a query string, or raise naming the one that is wrong."""
        state = fields.text(args, "state", most=10)
        if state and state not in STATES:
            raise Refused(sentence("“state” must be open, mine or ended.")).about("state")
        return cls(
            state=state,
            kind=fields.text(args, "kind", most=40),
            department=fields.text(args, "department", most=60),
            after=fields.integer(args, "after", most=2**62) if args.get("after") else None,
            limit=fields.integer(args, "limit", least=1, most=200) if args.get("limit") else 50,
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """Requests of a page, newest first, and the key of the next page."""

    items: list[dict[str, Any]]
    next: int | None


def page(session: Session, actor: Actor, wanted: Wanted, *, at: datetime) -> Ledger:
    """Return the newest requests that fit and whose cases ``actor`` may see, by keyset."""
    clauses, binds = _fitting(actor, wanted)
    ask = LEDGER.replace("/*fitting*/ true", " AND ".join(clauses) or "true")
    rows = session.execute(text(ask), {**binds, "most": wanted.limit + 1}).all()
    more = rows[wanted.limit - 1].id if len(rows) > wanted.limit else None
    return Ledger([_shown(session, row, actor, at) for row in rows[: wanted.limit]], more)


def _fitting(actor: Actor, wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    clauses, binds = visible(actor)
    if wanted.state in ("open", "mine"):
        clauses.append("r.ended_at IS NULL")
    if wanted.state == "mine":
        clauses.append(WAITS_FOR_ME)
        binds |= {"me": actor.person_id, "mine": sorted(actor.permissions)}
    if wanted.state == "ended":
        clauses.append("r.ended_at IS NOT NULL")
    for name in ("kind", "department"):
        if given := getattr(wanted, name):
            clauses.append(f"r.{name} = :r_{name}")
            binds[f"r_{name}"] = given
    if wanted.after:
        clauses.append("r.id < :r_after")
        binds["r_after"] = wanted.after
    return clauses, binds


def _shown(session: Session, row: Row[Any], actor: Actor, at: datetime) -> dict[str, Any]:
    flow, book = flows.get(session, row.flow_id), handbook(session, actor.handbook)
    kind, state = flow.requests.get(row.kind), flow.states.get(row.state)
    named = book.kinds.get(row.case_kind)
    waits = row.outcome is None and actor.may(row.levels[row.done])
    return {
        "uid": row.uid,
        "kind": row.kind,
        "kind_label": translate(kind.label) if kind else row.kind,
        "case": row.case,
        "number": row.number,
        "kind_name": named.name if named else row.case_kind,
        "state_label": translate(state.label) if state else row.state,
        "address": row.address or row.cell or "",
        "lamp": lamp(at, row.amber_at, row.due_at),
        "due_at": queries.iso(row.due_at),
        "reason": row.reason,
        "until": row.until.isoformat() if row.until else None,
        "department": row.department,
        "department_name": book.departments.get(row.department),
        "levels": len(row.levels),
        "done": row.done,
        "outcome": row.outcome,
        "outcome_label": translate(kin.OUTCOMES[row.outcome]),
        "asked_by": row.asked_by or "",
        "reviewed_by": row.reviewed_by,
        "ended_by": row.ended_by,
        "asked_at": queries.iso(row.asked_at),
        "ended_at": queries.iso(row.ended_at),
        "waits_for_me": waits,
        "seen": row.seen,
    }


def one(session: Session, actor: Actor, uid: UUID, *, at: datetime) -> dict[str, Any]:
    """Return the request ``uid``, or raise ``NotFound`` if its case is not the actor's to see."""
    clauses, binds = visible(actor)
    ask = LEDGER.replace("/*fitting*/ true", " AND ".join(["r.uid = :r_uid", *clauses]))
    row = session.execute(text(ask), {**binds, "r_uid": uid, "most": 1}).first()
    if row is None:
        raise NotFound(sentence("There is no such request, or it is not yours to see."))
    return _shown(session, row, actor, at)


def decide(
    session: Session,
    uid: UUID,
    body: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
    retry: Retry | None,
) -> dict[str, Any]:
    """Review, grant, refuse or withdraw the request ``uid`` and return the step of its case."""
    verb = fields.text(body, "decision", required=True, most=20)
    if verb not in DECISIONS:
        raise Refused(sentence("“decision” must be review, grant, refuse or withdraw.")).about(
            "decision"
        )
    found = one(session, actor, uid, at=at)
    form = StepForm.read({**body, "action": action_of(found["kind"], verb)})
    return service.act(session, found["case"], form, actor=actor, at=at, retry=retry)


def shares(session: Session, actor: Actor, *, at: datetime) -> list[dict[str, Any]]:
    """Return for each department how many cases of the last thirty days led to a request."""
    clauses, binds = visible(actor)
    ask = SHARES.replace("/*visible*/ true", " AND ".join(["true", *clauses]))
    rows = session.execute(text(ask), {**binds, "since": at - WATCHED})
    return [dict(row) for row in rows.mappings()]
