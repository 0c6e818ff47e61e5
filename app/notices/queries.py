"""Reading notices, contacts and the ladder of escalation."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.clock import local
from app.kernel.i18n import translate
from app.notices import rules
from app.org.rules import PERMISSIONS
from app.workflow import queries as flows

source = partial(sql.read, Path(__file__).parent)
LIST = (
    "SELECT id, kind, words, facts, at, read_at FROM notices WHERE reader_id = :reader{unread}"
    "{after} ORDER BY id DESC LIMIT :most"
)
UNREAD = text(
    "SELECT count(*) FROM (SELECT FROM notices WHERE reader_id = :reader AND read_at IS NULL"
    " LIMIT 100) n"
)
FLOWS = text("SELECT id FROM flows ORDER BY id")
EVERYBODY = frozenset().union(*PERMISSIONS.values())
CONTACT = text(
    "SELECT email, phone, by_email, by_sms, quiet_from, quiet_to FROM contacts"
    " WHERE person_id = :person"
)
RUNGS = text(
    "SELECT r.id, r.rung, r.subject, r.state, r.since, r.after_value, r.after_unit, r.reader,"
    " r.who, r.channel, p.name AS person FROM escalation_rules r"
    " LEFT JOIN people p ON r.reader = 'person' AND p.id::text = r.who"
    " WHERE r.active ORDER BY r.subject, r.rung, r.id"
)
DEAD = text(
    "SELECT d.id, d.channel, d.tries, d.error, n.kind, p.name FROM deliveries d"
    " JOIN notices n ON n.id = d.notice_id LEFT JOIN people p ON p.id = n.reader_id"
    " WHERE d.state = 'dead' ORDER BY d.id DESC LIMIT 50"
)


def page(
    session: Session, reader: int, *, unread: bool, after: int | None, most: int
) -> dict[str, Any]:
    """Return a person's notices, newest first, the next page's key, and how many are unread."""
    ask = LIST.format(
        unread=" AND read_at IS NULL" if unread else "", after=" AND id < :after" if after else ""
    )
    binds = {"reader": reader, "most": most + 1} | ({"after": after} if after else {})
    rows = session.execute(text(ask), binds).all()
    return {
        "items": [shown(row) for row in rows[:most]],
        "next": str(rows[most - 1].id) if len(rows) > most else None,
        "unread": count(session, reader),
    }


def count(session: Session, reader: int) -> int:
    """Return how many notices ``reader`` has not read; 100 stands for that many and more."""
    found: int = session.execute(UNREAD, {"reader": reader}).scalar_one()
    return found


def shown(row: Row[Any]) -> dict[str, Any]:
    """Return a notice as its reader sees it."""
    return {
        "id": row.id,
        "kind": row.kind,
        "kind_label": translate(rules.KINDS.get(row.kind, row.kind)),
        "words": said(row.words, row.facts),
        "case": row.facts.get("uid"),
        "at": local(row.at).isoformat(timespec="seconds"),
        "read": row.read_at is not None,
    }


def said(words: str, facts: dict[str, Any]) -> str:
    """Return the text of a notice in the reader's language."""
    return translate(words, **facts).strip()


def waits(session: Session) -> str:
    """Return as JSON who is waited for in each state of each flow."""
    found = []
    for flow_id in session.scalars(FLOWS).all():
        flow = flows.get(session, flow_id)
        turns = {state: flow.waits_on(state) for state in flow.states}
        found += [
            {"flow": flow_id, "state": state, "permission": permission}
            for state, permission in turns.items()
            if permission
        ]
    return json.dumps(found)


def contact(session: Session, person: int) -> dict[str, Any]:
    """Return where a person is reached and when not; empty if they never said."""
    row = session.execute(CONTACT, {"person": person}).mappings().first()
    return dict(row) if row else {"email": "", "phone": "", "by_email": False, "by_sms": False}


def rungs(session: Session) -> list[dict[str, Any]]:
    """Return the ladder of escalation, by subject and rung."""
    return [dict(row) for row in session.execute(RUNGS).mappings()]


def dead(session: Session) -> list[dict[str, Any]]:
    """Return the messages that were given up, newest first."""
    return [dict(row) for row in session.execute(DEAD).mappings()]
