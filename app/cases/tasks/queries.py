"""Reading tasks: who could be sent, who is out, who did not answer, who meets whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases.tasks import rules
from app.cases.tasks.rules import Candidate
from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import NotFound, sentence
from app.kernel.i18n import translate
from app.kernel.scopes import after_prefix
from app.patrol.rules import FRESH

source = partial(sql.read, Path(__file__).parent)
CANDIDATES = source("candidates")
PAIRS = text(source("pairs"))
OVERSEERS = {"task.give", "task.oversee"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody is sent: a cell and a point (degrees, EPSG:4490), and about which case."""

    cell: str
    lon: float
    lat: float
    case_id: int = 0
    reporter_id: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks a list shows."""

    purpose: str = ""
    state: str = ""
    overdue: bool = False
    mine: bool = False
    case: UUID | None = None
    after: int | None = None
    limit: int = 50


def candidates(session: Session, spot: Spot, *, at: datetime) -> list[Candidate]:
    """Return the inspectors of the area around ``spot``, as they stand at ``at``."""
    asked = {
        "cell": spot.cell,
        "lon": spot.lon,
        "lat": spot.lat,
        "case_id": spot.case_id,
        "reporter": spot.reporter_id or 0,
        "clock": local(at).time().replace(tzinfo=None),
        "fresh": at - FRESH,
    }
    return [
        Candidate(**{**row, "metres": None if row["metres"] is None else float(row["metres"])})
        for row in sql.ask(session, CANDIDATES, asked).dicts()
    ]


def page(session: Session, actor: Actor, wanted: Wanted, *, at: datetime) -> dict[str, Any]:
    """Return the newest tasks that fit and that ``actor`` may see, with the key of the next page.

    An inspector sees the own ones; who gives or oversees tasks sees those of the area.
    """
    clauses, binds = scope(actor, mine=wanted.mine)
    clauses += _fitting(wanted)
    binds |= {
        "purpose": wanted.purpose,
        "case": wanted.case,
        "at": at,
        "after": wanted.after,
        "most": wanted.limit + 1,
    }
    ask = f"{source('task')} WHERE {' AND '.join(clauses)} ORDER BY t.id DESC LIMIT :most"
    rows = session.execute(text(ask), binds).all()
    more = len(rows) > wanted.limit
    items = [shown(row, at) for row in rows[: wanted.limit]]
    return {"items": items, "next": str(rows[wanted.limit - 1].id) if more else None}


def _fitting(wanted: Wanted) -> list[str]:
    asked = {
        "t.purpose = :purpose": wanted.purpose,
        "t.ended_at IS NULL": wanted.state in ("open", "escalated") or wanted.overdue,
        "t.escalated_at IS NOT NULL": wanted.state == "escalated",
        "t.ended_at IS NOT NULL": wanted.state == "ended",
        "t.due_at < :at": wanted.overdue,
        "c.uid = :case": wanted.case is not None,
        "t.id < :after": wanted.after is not None,
    }
    return [clause for clause, holds in asked.items() if holds]


def scope(actor: Actor, *, mine: bool) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions on ``tasks t`` that hide what ``actor`` may not see, and binds."""
    if mine or not OVERSEERS & actor.permissions:
        return ["t.person_id = :me"], {"me": actor.person_id}
    if actor.covers(""):
        return ["true"], {}
    areas = list(actor.areas)
    return [
        "EXISTS (SELECT FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) m (low, high)"
        " WHERE t.cell >= m.low AND t.cell < m.high)"
    ], {"lows": areas, "highs": [after_prefix(area) for area in areas]}


def one(session: Session, uid: UUID, actor: Actor, *, hold: bool = False) -> Row[Any]:
    """Return task ``uid`` if ``actor`` may see it, else raise ``NotFound``; ``hold`` locks it."""
    clauses, binds = scope(actor, mine=False)
    ask = f"{source('task')} WHERE {' AND '.join(['t.uid = :uid', *clauses])}"
    held = " FOR UPDATE OF t" if hold else ""
    row = session.execute(text(ask + held), {"uid": uid, **binds}).first()
    if row is None:
        raise NotFound(sentence("There is no such task, or it is not yours to see."), task=str(uid))
    return row


def shown(row: Row[Any], at: datetime) -> dict[str, Any]:
    """Return a task as lists and programs see it; times are city time."""
    return {
        "uid": row.uid,
        "purpose": row.purpose,
        "purpose_label": translate(rules.PURPOSES[row.purpose]),
        "state": _state(row),
        "case": row.case_uid,
        "case_number": row.case_number,
        "case_steps": row.case_steps,
        "cell": row.cell,
        "lon": row.lon,
        "lat": row.lat,
        "note": row.note or row.description or "",
        "address": row.address or "",
        "person": row.person_id,
        "person_name": row.person_name,
        "given_by_name": row.giver_name or "",
        "given_at": _iso(row.given_at),
        "due_at": _iso(row.due_at),
        "lamp": _lamp(row, at),
        "closed_at": _iso(row.ended_at),
        "how": row.way,
        "why": why(row.way, row.metres, len(row.pool)),
        "pool": list(row.pool),
        "seed": row.seed,
        "escalated_at": _iso(row.escalated_at),
        "answered_at": _iso(row.answered_at),
        "outcome": row.outcome,
        "outcome_label": translate(rules.OUTCOMES[row.outcome]) if row.outcome else "",
        "answer": row.answer,
    }


def _state(row: Row[Any]) -> str:
    return "ended" if row.ended_at else "escalated" if row.escalated_at else "open"


def _lamp(row: Row[Any], at: datetime) -> str:
    """Return how a task stands: soon from 80 % of its time on, as for cases."""
    if at > row.due_at:
        return "overdue"
    return "soon" if at >= row.given_at + (row.due_at - row.given_at) * 0.8 else "normal"


def _iso(at: datetime | None) -> str | None:
    return local(at).isoformat(timespec="seconds") if at else None


def why(way: str, metres: float | None, pool: int) -> str:
    """Return in words how somebody was chosen."""
    near = "" if metres is None else f"{metres:.0f}"
    return translate(rules.WAYS[way], metres=near, pool=pool)


def said(chosen: Mapping[str, Any]) -> str:
    """Return in words the choice that a step of a case records."""
    return why(chosen["way"], chosen.get("metres"), len(chosen.get("pool") or ()))


def pairs(session: Session, actor: Actor, *, since: datetime, until: datetime) -> dict[str, Any]:
    """Return who was verified by whom how often, against chance, the oddest first.

    Two kinds of pairs: reporter and verifier, department and verifier.  What was chosen by hand
    counts as if it had been drawn from the inspectors who were drawn from in that time.
    """
    clauses, binds = scope(actor, mine=False)
    ask = str(PAIRS).replace("/*scope*/", " AND ".join(clauses))
    rows = session.execute(text(ask), {"since": since, "until": until, **binds}).all()
    return {
        "items": sorted((_pair(row) for row in rows), key=lambda p: (not p["flag"], p["chance"]))
    }


def _pair(row: Row[Any]) -> dict[str, Any]:
    found = rules.judge(row.observed, row.draws, float(row.expected))
    return {
        "kind": row.kind,
        "first": row.first,
        "first_name": row.first_name,
        "verifier": row.verifier,
        "verifier_name": row.verifier_name,
        "observed": found.observed,
        "draws": row.draws,
        "expected": round(found.expected, 2),
        "chance": found.chance,
        "flag": found.suspicious,
    }


def open_of(session: Session, case_id: int) -> Row[Any]:
    """Return the open task that a state of a case waits for."""
    ask = (
        f"{source('task')} WHERE t.case_id = :case AND t.ended_at IS NULL"
        " AND t.purpose IN ('confirm','verify')"
    )
    return session.execute(text(ask), {"case": case_id}).one()


FIRSTS = {"reporter": "c.reporter_id::text", "department": "c.department"}


def met(
    session: Session,
    actor: Actor,
    kind: str,
    first: str,
    verifier: int,
    *,
    since: datetime,
    until: datetime,
    at: datetime,
) -> list[dict[str, Any]]:
    """Return the verifications behind one figure of ``pairs``, the newest first."""
    if kind not in FIRSTS:
        raise NotFound(sentence("There is nothing at this address."))
    clauses, binds = scope(actor, mine=False)
    clauses += [
        "t.purpose = 'verify' AND t.answered_at >= :since AND t.answered_at < :until",
        f"t.person_id = :verifier AND {FIRSTS[kind]} = :first",
    ]
    asked = {"since": since, "until": until, "verifier": verifier, "first": first, **binds}
    ask = f"{source('task')} WHERE {' AND '.join(clauses)} ORDER BY t.id DESC LIMIT 200"
    return [shown(row, at) for row in session.execute(text(ask), asked)]


def drawn(session: Session, uid: UUID) -> tuple[list[int], str, int]:
    """Return pool, seed and person of a draw, or raise ``NotFound`` if ``uid`` was not drawn."""
    ask = text("SELECT pool, seed, person_id FROM tasks WHERE uid = :uid AND way = 'drawn'")
    row = session.execute(ask, {"uid": uid}).first()
    if row is None:
        raise NotFound(sentence("There is no such task, or nobody was drawn for it."))
    return list(row.pool), row.seed, row.person_id
