"""The ladder of escalation, and messages that did not go out."""

from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.admin import queries
from app.catalogue.rules import UNIT_NAMES, UNITS
from app.kernel import fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once
from app.notices import escalation
from app.notices import queries as notices
from app.notices import rules as notice_rules
from app.org import queries as org
from app.org.rules import POSTS

bp = Blueprint("admin_escalation", __name__)


@bp.get("/admin/escalation")
@requires("escalation.edit")
def escalation_page() -> ResponseReturnValue:
    """Show the ladder, a form for one rung more, and messages that were given up."""
    with reading() as session:
        return render_template(
            "admin/escalation.html",
            rungs=notices.rungs(session),
            dead=notices.dead(session),
            states=queries.state_labels(session),
            units=UNIT_NAMES,
            posts=POSTS,
            people=org.at_desks(session),
            rules=notice_rules,
        )


@bp.post("/api/v1/escalation-rules")
@requires("escalation.edit")
def add_rung() -> ResponseReturnValue:
    """Add a rung to the ladder of escalation."""
    body = json_body()
    actor().require_whole_city()
    rung = _rung(body)
    return jsonify(once(lambda s: _add(s, rung), body)), 201


def _add(session: Session, rung: dict[str, Any]) -> dict[str, Any]:
    known = queries.state_labels(session)
    if rung["state"] and rung["state"] not in known:
        raise Refused(sentence("There is no state “%(state)s”."), state=rung["state"]).about(
            "state"
        )
    return escalation.add(session, rung, actor=actor())


def _rung(body: dict[str, Any]) -> dict[str, Any]:
    unit = fields.text(body, "after_unit", required=True, most=4)
    after = fields.number(body, "after_value")
    if unit not in UNITS or not 0 < after <= 1_000:
        raise Refused(
            sentence("The limit must be above 0 and at most 1000, its unit one of %(units)s."),
            units=", ".join(UNITS),
        ).about("after_value")
    told = {name: fields.text(body, name, most=40) for name in ("state", "who")}
    chosen = ("subject", "since", "reader", "channel")
    told |= {name: fields.text(body, name, required=True, most=20) for name in chosen}
    rung = fields.integer(body, "rung", least=1, most=9)
    return {**told, "rung": rung, "after_value": after, "after_unit": unit}


@bp.post("/api/v1/escalation-rules/<int:rule>/end")
@requires("escalation.edit")
def end_rung(rule: int) -> ResponseReturnValue:
    """Take a rung out of the ladder; what it told stays told."""
    body = json_body()
    actor().require_whole_city()
    return jsonify(once(lambda s: escalation.end(s, rule, actor=actor()), body)), 201
