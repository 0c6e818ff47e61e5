"""Tasks in the field, for who gives and oversees them."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases.tasks import queries, rules
from app.cases.tasks.queries import Wanted
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.patrol import queries as patrol
from app.places import queries as places

bp = Blueprint("desk_tasks", __name__, url_prefix="/tasks")
PERIODS = (30, 90, 365)


@bp.get("")
@requires("task.oversee")
def tasks() -> ResponseReturnValue:
    """Show who went up, who is out, who is on duty, and which pairs meet too often."""
    days = _days()
    with reading() as session:
        return render_template(
            "desk/tasks.html",
            **_lists(session),
            pairs=_pairs(session, days),
            days=days,
            periods=PERIODS,
            inspectors=_inspectors(session),
            city=places.city(session),
            purposes=rules.PURPOSES,
            about=fields.identifier(request.args.get("case"), "case"),
        )


def _inspectors(session: Session) -> list[dict[str, Any]]:
    """Return the inspectors of the area, those on duty first."""
    found = patrol.duty(session, actor(), at=clock.now())
    return sorted(found, key=lambda one: not one["on_duty"])


def _days() -> int:
    given = request.args
    return fields.integer(given, "days", least=1, most=3650) if given.get("days") else 90


def _lists(session: Session) -> dict[str, Any]:
    """Return the tasks that went up and the others that are open."""
    now = clock.now()
    risen = queries.page(session, actor(), Wanted(state="escalated", limit=100), at=now)["items"]
    every = queries.page(session, actor(), Wanted(state="open", limit=200), at=now)["items"]
    return {"risen": risen, "out": [one for one in every if one["state"] == "open"]}


def _since(days: int) -> dict[str, datetime]:
    now = clock.local(clock.now())
    begins = datetime.combine(now.date() - timedelta(days=days), time(), clock.CITY_TIME)
    return {"since": begins, "until": now}


def _pairs(session: Session, days: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = queries.pairs(session, actor(), **_since(days))["items"]
    return found[:50]


@bp.get("/pairs/<kind>/<first>/<int:verifier>")
@requires("task.oversee")
def pair(kind: str, first: str, verifier: int) -> ResponseReturnValue:
    """List the verifications in which two met."""
    days, now = _days(), clock.now()
    with reading() as session:
        met = queries.met(session, actor(), kind, first, verifier, **_since(days), at=now)
    return render_template("desk/pair.html", met=met, kind=kind, days=days)
