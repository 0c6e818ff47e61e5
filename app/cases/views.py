"""One case, whole: as its page and its API answer show it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.cases import calendars, kin, options, proof, queries, routing, rules
from app.cases.answers import CHOSEN
from app.cases.evidence import ASK
from app.cases.tasks import queries as tasks
from app.catalogue.queries import handbook
from app.catalogue.rules import UNIT_NAMES, Condition, Handbook, Limit, deadline, explain
from app.catalogue.why import Told, why
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import sentence
from app.kernel.i18n import translate
from app.org.rules import POSTS
from app.workflow import queries as flows
from app.workflow.engine import Flow, Move

BEGINNINGS = {
    "report": sentence("Report"),
    "import": sentence("Import"),
    "divide": sentence("Begun as a part of a divided case"),
    "absorb": sentence("A report was merged into this case"),
    "reprocess": sentence("Limit computed anew"),
    "urge": sentence("Urge"),
    "instruct": sentence("Supervision order"),
    "answer_order": sentence("Answer to a supervision order"),
    "end_order": sentence("End of a supervision order"),
    "repeat_order": sentence("Supervision order given again"),
}
"""Names of steps that are no move of the flow: the first one, and those that only say something."""
SPOKEN = {
    "words": sentence("Words"),
    "limit": sentence("Limit"),
    "weight": sentence("Score weight"),
    "due": sentence("Due"),
    "old_due": sentence("Due before"),
    "new_due": sentence("Due now"),
    "of": sentence("Case"),
    "from": sentence("Report"),
    "chosen": sentence("How chosen"),
    ASK.name: ASK.label,
}
"""Names of what such steps say."""
UNSAID = {"photos", "order"}


def whole(session: Session, row: Row[Any], *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Return everything about the case in ``row`` that ``actor`` may see and do."""
    book, flow = handbook(session, actor.handbook), flows.get(session, row.flow_id)
    photos_of = steps(session, row, flow, book)
    photos = [photo for step in photos_of for photo in step["photos"]]
    evidence = proof.shown(session, row, actor, photos=bool(photos))
    return {
        **queries.item(row, book, flow, at),
        "seen": row.steps,
        "actions": actions(session, row, flow, book, actor, at),
        "clock": clock(row, book, at),
        "condition": _condition(row, book),
        "route": routing.shown(routing.suggestion(session, row, book), book),
        "steps": photos_of,
        "photos": photos,
        "evidence": evidence,
        "captured_at": queries.iso(row.captured_at),
        "filed_at": queries.iso(row.filed_at),
        "handled_at": queries.iso(row.handled_at),
        "handle_due_at": queries.iso(row.handle_due_at),
        "close_due_at": queries.iso(row.close_due_at),
        **kin.shown(row, flow, book),
    }


def actions(
    session: Session, row: Row[Any], flow: Flow, book: Handbook, actor: Actor, at: datetime
) -> list[dict[str, Any]]:
    """Return what ``actor`` may do now, each with the fields it asks for."""
    facts = replace(options.facts(row, book, twin=row.twin), at=local(at))
    inside = actor.covers(row.cell or "")
    open_ = flow.open_to(row.state, actor.permissions) if inside else ()
    offered = [move for move in open_ if rules.offers(move, facts, actor)]
    chosen = Chosen(session, row, book)
    return [_action(proof.asking(session, row, move), chosen) for move in offered]


class Chosen:
    """The choices of one case, each looked up once however many actions ask for it."""

    def __init__(self, session: Session, row: Row[Any], book: Handbook) -> None:
        """Remember what the choices are made from."""
        self._of = (session, row, book)
        self._kept: dict[str, list[dict[str, str]]] = {}

    def of(self, name: str) -> list[dict[str, str]]:
        """Return the choices of the field ``name``."""
        if name not in self._kept:
            self._kept[name] = options.CHOICES[name](*self._of)
        return self._kept[name]


def _action(move: Move, chosen: Chosen) -> dict[str, Any]:
    return {
        "action": move.action,
        "label": translate(move.label),
        "asks": [
            {
                "name": ask.name,
                "type": ask.type,
                "required": ask.required,
                "label": translate(ask.label),
                **({"options": chosen.of(ask.name)} if ask.type in CHOSEN else {}),
            }
            for ask in move.asks
        ],
    }


def clock(row: Row[Any], book: Handbook, at: datetime) -> dict[str, Any] | None:
    """Return the running clock with the way to its deadline, None where none runs."""
    if row.due_at is None:
        return None
    limit, begun = Limit(float(row.clock_limit), row.clock_unit), local(row.clock_at)
    calendar = calendars.of_stage(book, row.stage, row.department, on=begun.date())
    found = deadline(begun, limit, calendar)
    told = _told(row, limit, options.condition_of(row, book))
    return {
        "started_at": queries.iso(row.clock_at),
        "due_at": queries.iso(row.due_at),
        "limit": limit.value,
        "unit": limit.unit,
        "lamp": rules.lamp(at, row.amber_at, row.due_at),
        "explanation": explain(found, translate(UNIT_NAMES[limit.unit])),
        "calendar": calendar.name,
        "why": [routing.tell(said, book) for said in why(found, calendar, told)],
    }


def _told(row: Row[Any], limit: Limit, condition: Condition | None) -> Told:
    """Return what else is known of the clock in ``row``; only handling has a condition's limit."""
    stored = local(row.due_at)
    if row.stage != "handle" or condition is None:
        return Told(stored=stored)
    whole = condition.limit.value * (1 + row.extensions)
    left = limit.unit == condition.limit.unit and limit.value < whole and bool(row.suspensions)
    return Told(condition, row.grade or "B", extensions=row.extensions, left=left, stored=stored)


def _condition(row: Row[Any], book: Handbook) -> dict[str, Any] | None:
    found = options.condition_of(row, book)
    if not found:
        return None
    return {
        "id": found.id,
        "text": found.text,
        "limit": found.limit.value,
        "unit": found.limit.unit,
        "closing": found.closing,
    }


def steps(session: Session, row: Row[Any], flow: Flow, book: Handbook) -> list[dict[str, Any]]:
    """Return the journal of the case in ``row`` in words."""
    return [_step(line, flow, book) for line in queries.journal(session, row.id)]


def _step(line: Any, flow: Flow, book: Handbook) -> dict[str, Any]:
    named = BEGINNINGS | {m.action: m.label for m in flow.moves}
    state = flow.states.get(line["target"])
    return {
        "position": line["position"],
        "action": line["action"],
        "action_label": translate(named.get(line["action"], line["action"])),
        "state": line["target"],
        "state_label": translate(state.label) if state else line["target"],
        "actor_name": line["actor_name"] or "",
        "post": line["post"],
        "post_label": translate(POSTS.get(line["post"], line["post"])),
        "department": line["department"],
        "at": queries.iso(line["at"]),
        "due_at": queries.iso(line["due_at"]),
        "answers": _answers(line, flow, book),
        "photos": line["photos"],
    }


def _answers(line: Any, flow: Flow, book: Handbook) -> list[dict[str, str]]:
    asked = SPOKEN | {ask.name: ask.label for m in flow.moves for ask in m.asks}
    shown = {name: value for name, value in line["answers"].items() if name not in UNSAID}
    if "chosen" in shown:
        shown["chosen"] = tasks.said(shown["chosen"])
    return [
        {"name": name, "label": translate(asked.get(name, name)), "value": _said(name, value, book)}
        for name, value in shown.items()
    ]


def _said(name: str, value: Any, book: Handbook) -> str:
    """Return an answer as people read it: names instead of codes."""
    if name == "department":
        return book.departments.get(value, value)
    if name == "departments":
        return "、".join(book.departments.get(one, one) for one in value)
    if name == "kind" and value in book.kinds:
        return book.kinds[value].name
    if name == "condition":
        every = (c for listed in book.conditions.values() for c in listed)
        return next((c.text for c in every if str(c.id) == value), value)
    if isinstance(value, bool):
        return translate("Yes") if value else translate("No")
    return str(value)
