"""The ladder of escalation: rules that administrators edit, rungs that time reaches."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalogue.queries import handbook
from app.catalogue.rules import Limit
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import NotFound, sentence
from app.notices import queries, rules
from app.notices.service import wake

MOST = 500
ADD = text(
    "INSERT INTO escalation_rules (rung, subject, state, since, after_value, after_unit, reader,"
    " who, channel) VALUES (:rung, :subject, :state, :since, :after_value, :after_unit, :reader,"
    " :who, :channel) RETURNING id"
)
END = text("UPDATE escalation_rules SET active = false WHERE id = :id AND active")


def add(session: Session, rung: dict[str, Any], *, actor: Actor) -> dict[str, Any]:
    """Add a rung to the ladder and return its number; raises ``Refused`` for an unknown choice."""
    rules.check_rung(rung)
    Limit(rung["after_value"], rung["after_unit"])
    number = session.execute(ADD, rung).scalar_one()
    audit.note(session, actor, "escalation.add", str(number), result=json.dumps(rung)[:200])
    return {"id": number}


def end(session: Session, rule: int, *, actor: Actor) -> dict[str, Any]:
    """Take a rung out of the ladder; what it told stays told."""
    if not session.execute(END, {"id": rule}).rowcount:  # type: ignore[attr-defined]
        raise NotFound(sentence("There is no such rung of the ladder any more."), rule=rule)
    audit.note(session, actor, "escalation.end", str(rule))
    return {"id": rule}


def climb(session: Session, *, at: datetime, most: int = MOST) -> int:
    """Tell whom each rung names of what has come due, and return how many rungs fired.

    Which instant a lamp must have turned before is found once a rung, on the working calendar;
    the rest is one comparison in an index.
    """
    ladder = queries.rungs(session)
    if not ladder:
        return 0
    days, here = handbook(session).calendar(), local(at)
    asked = [
        {**rung, "rule": rung["id"], "cut": rules.cutoff(here, _after(rung), days).isoformat()}
        for rung in ladder
    ]
    told = {"rungs": json.dumps(asked), "at": at, "most": most, "words": rules.ESCALATED}
    found = session.execute(text(queries.source("escalate")), told).one()
    wake(session, found.sent)
    return int(found.fired)


def _after(rung: dict[str, Any]) -> Limit:
    return Limit(rung["after_value"], rung["after_unit"])
