"""Reading cases: lists, one case, its journal, what has changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.cases.clocks import lamp
from app.cases.facts import Into
from app.cases.filters import where
from app.cases.forms import Filters
from app.catalogue.queries import handbook
from app.catalogue.rules import Handbook
from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import NotFound, sentence
from app.kernel.i18n import translate
from app.kernel.scopes import visible, ways
from app.workflow import queries as flows
from app.workflow.engine import Flow

source = partial(sql.read, Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, and the key of the row after them."""

    items: list[dict[str, Any]]
    next: int | None


def page(session: Session, actor: Actor, filters: Filters, *, at: datetime) -> Page:
    """Return the newest cases that fit ``filters`` and that ``actor`` may see, by keyset.

    A narrow filter is answered from its own index first (the materialized part):
    left alone, the planner walks all cases by date hoping to meet fifty soon.
    """
    book = handbook(session, actor.handbook)
    clauses, binds, narrow = where(book, actor, filters, at)
    ask = _statement(clauses or ["true"], narrow=narrow)
    rows = session.execute(text(ask), {**binds, "most": filters.limit + 1}).all()
    more = rows[filters.limit - 1].id if len(rows) > filters.limit else None
    return Page(_items(session, rows[: filters.limit], book, at), more)


def _statement(clauses: list[str], *, narrow: bool) -> str:
    """Return the statement of a page; only the rows that are shown are read whole."""
    several = [" AND ".join(way) for way in ways(clauses)]
    if len(several) == 1 and not narrow:
        return f"{source('item')} WHERE {several[0]} ORDER BY c.id DESC LIMIT :most"
    fits = "SELECT c.id FROM cases c WHERE "
    if len(several) == 1:
        fits += several[0]
    else:
        newest = " ORDER BY c.id DESC LIMIT :most"
        fits = " UNION ".join(f"({fits}{fitting}{newest})" for fitting in several)
    shown = "SELECT id FROM fits ORDER BY id DESC LIMIT :most"
    return (
        f"WITH fits AS MATERIALIZED ({fits}), shown AS MATERIALIZED ({shown})"
        f" {source('item')} WHERE c.id IN (TABLE shown) ORDER BY c.id DESC"
    )


def items(session: Session, rows: Iterable[Row[Any]], at: datetime) -> list[dict[str, Any]]:
    """Return ``rows`` of ``item.sql`` as other people and systems see them."""
    return _items(session, rows, handbook(session), at)


def _items(
    session: Session, rows: Iterable[Row[Any]], book: Handbook, at: datetime
) -> list[dict[str, Any]]:
    flow = flows.current(session, book.version)
    return [item(row, book, flow, at) for row in rows]


def item(row: Row[Any], book: Handbook, flow: Flow, at: datetime) -> dict[str, Any]:
    """Return one case as a list shows it; ``kind`` is the small-class code, times are city time."""
    kind, state = book.kinds.get(row.kind), flow.states.get(row.state)
    return {
        "uid": row.uid,
        "number": row.number,
        "kind": row.kind[1:],
        "family": "part" if row.kind[0] == "C" else "event",
        "kind_name": kind.name if kind else row.kind,
        "stage": row.stage,
        "state": row.state,
        "state_label": translate(state.label) if state else row.state,
        "cell": row.cell,
        "department": row.department,
        "department_name": book.departments.get(row.department),
        "lon": row.lon,
        "lat": row.lat,
        "due_at": iso(row.due_at),
        "lamp": lamp(at, row.amber_at, row.due_at),
        "description": row.description,
        "address": row.address,
        "part_code": row.part_code,
        "reported_at": iso(row.reported_at),
        "closed_at": iso(row.closed_at),
        "source": row.source,
        "rework_count": row.rework_count,
        "steps": row.steps,
    }


def iso(at: datetime | None) -> str | None:
    """Return ``at`` as ISO 8601 with the city's offset."""
    return local(at).isoformat(timespec="seconds") if at else None


def _key(ref: str) -> tuple[str, dict[str, Any]]:
    """Return the condition that finds the case called ``ref``, by uid or by number."""
    try:
        return "c.uid = :ref", {"ref": UUID(ref)}
    except ValueError:
        return "c.number = :ref", {"ref": ref}


def one(
    session: Session, ref: str, actor: Actor, *, hold: bool = False, whole: bool = False
) -> Row[Any]:
    """Return the case ``ref`` (uid or number) if ``actor`` may see it, else raise ``NotFound``.

    ``hold`` locks the row until the transaction ends, so that two clicks queue up; ``whole``
    brings along what the page of a case shows besides: requests, parts, mergers, helpers.
    """
    key, binds = _key(ref)
    clauses, mine = visible(actor)
    ask = f"{_facts(whole=whole)} WHERE {' AND '.join([key, *clauses])}"
    row: Row[Any] | None = sql.ask(
        session, ask + (" FOR UPDATE OF c" if hold else ""), binds | mine
    ).first()
    if row is None:
        raise NotFound(sentence("There is no such case, or it is not yours to see."), case=ref)
    return row


def _facts(*, whole: bool = False) -> str:
    return source("facts").replace("/*more*/", source("kin") if whole else "")


def by_id(session: Session, case_id: int) -> Row[Any]:
    """Return case ``case_id`` and hold it until the transaction ends."""
    row: Row[Any] = sql.ask(
        session, f"{_facts()} WHERE c.id = :id FOR UPDATE OF c", {"id": case_id}
    ).one()
    return row


def hold_both(session: Session, one: str, other: str) -> None:
    """Hold two cases in one order, so that two mergers the wrong way round cannot block forever."""
    keys = [_key(ref) for ref in (one, other)]
    clauses = [key.replace(":ref", f":ref{n}") for n, (key, _) in enumerate(keys)]
    binds = {f"ref{n}": bind["ref"] for n, (_, bind) in enumerate(keys)}
    ask = f"SELECT c.id FROM cases c WHERE {' OR '.join(clauses)} ORDER BY c.id FOR UPDATE"  # noqa: S608
    session.execute(text(ask), binds)


def into(session: Session, ref: str, actor: Actor) -> Into | None:
    """Return the case that a report is to be merged into, None if ``actor`` sees no such case."""
    key, binds = _key(ref)
    clauses, mine = visible(actor)
    ask = (
        "SELECT c.id, c.uid::text AS uid, coalesce(c.number, '') AS name,"  # noqa: S608
        " c.closed_at IS NULL AND c.merged_into IS NULL AS open"
        f" FROM cases c WHERE {' AND '.join([key, *clauses])}"
    )
    row = session.execute(text(ask), binds | mine).mappings().first()
    return Into(**row) if row else None


DONE = text(
    "SELECT p.state = 'divided' AND NOT EXISTS (SELECT FROM cases k WHERE k.parent_id = p.id"
    " AND k.closed_at IS NULL) FROM cases p WHERE p.id = :id"
)


def is_divided_and_done(session: Session, case_id: int) -> bool:
    """Say whether the last part of a divided case has ended; the case is held from now on.

    Two parts that end together wait here for each other, and the second sees both ended.
    """
    session.execute(text("SELECT FROM cases WHERE id = :id FOR UPDATE"), {"id": case_id})
    return bool(session.execute(DONE, {"id": case_id}).scalar())


def by_ids(session: Session, actor: Actor, ids: Sequence[int]) -> list[Row[Any]]:
    """Return the cases ``ids`` that ``actor`` may see, in the order of their ids."""
    clauses, binds = visible(actor)
    ask = f"{source('item')} WHERE {' AND '.join(['c.id = ANY(:ids)', *clauses])} ORDER BY c.id"
    return list(session.execute(text(ask), {"ids": list(ids), **binds}))


def by_client_uid(session: Session, client_uid: UUID) -> Row[Any] | None:
    """Return the case that a device filed under ``client_uid``, None if there is none."""
    ask = f"{_facts()} WHERE c.client_uid = :uid"
    return session.execute(text(ask), {"uid": client_uid}).first()


JOURNAL = (
    "SELECT s.position, s.action, s.source, s.target, s.post, s.department, s.answers, s.at,"
    " s.due_at, p.name AS actor_name,"
    " ARRAY(SELECT photo_id::text FROM case_photos f"
    "       WHERE f.case_id = s.case_id AND f.position = s.position ORDER BY 1) AS photos"
    " FROM case_steps s LEFT JOIN people p ON p.id = s.actor_id"
    " WHERE s.case_id = :case ORDER BY s.position"
)


def journal(session: Session, case_id: int) -> list[Mapping[str, Any]]:
    """Return the steps of a case in order, with who took them and the photos they show."""
    return list(sql.ask(session, JOURNAL, {"case": case_id}).dicts())


def queues(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return how many open cases wait in each state that ``actor``'s post works on."""
    flow = flows.current(session, handbook(session).version)
    states = flow.waiting_for(actor.permissions) or tuple(
        name for name, state in flow.states.items() if not state.end
    )
    clauses, binds = visible(actor)
    clauses += ["c.closed_at IS NULL", "c.state = ANY(:states)"]
    counted = session.execute(
        text(
            "SELECT state, count(*) AS n, count(*) FILTER (WHERE due_at < now()) AS late"  # noqa: S608
            f" FROM cases c WHERE {' AND '.join(clauses)} GROUP BY state"
        ),
        {**binds, "states": list(states)},
    )
    found = {row.state: row for row in counted}
    return [
        {
            "state": name,
            "stage": flow.states[name].stage,
            "label": translate(flow.states[name].label),
            "count": found[name].n if name in found else 0,
            "overdue": found[name].late if name in found else 0,
        }
        for name in states
    ]
