"""The inspector's app (城管通)."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import queries
from app.cases.forms import Filters
from app.cases.tasks import queries as field
from app.cases.tasks.queries import Wanted
from app.cases.tasks.rules import AWAITED, OF_STATE, PURPOSES
from app.catalogue import queries as catalogue
from app.kernel import clock
from app.kernel.auth import PUBLIC, requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.places import queries as places

bp = Blueprint("mobile", __name__)
SHOWN = 30
COMMON = ("E0102", "E0104", "E0201", "E0504", "E0506", "C0103")
"""Kinds offered to an inspector who has not reported anything yet."""


@bp.get("/m/")
@requires("mobile.use")
def mobile() -> ResponseReturnValue:
    """Show the inspector's app; only tasks and own reports when the app asks again."""
    with reading() as session:
        lists = _lists(session)
        if "HX-Request" in request.headers:
            return render_template("mobile/_lists.html", **lists)
        kinds, city = catalogue.kinds(session), places.city(session)
    own = (("C" if item["family"] == "part" else "E") + item["kind"] for item in lists["reports"])
    suggestions = list(dict.fromkeys([*own, *COMMON]))
    return render_template(
        "mobile/mobile.html", **lists, kinds=kinds, city=city, suggestions=suggestions
    )


@bp.get("/m/manifest.webmanifest")
@requires(PUBLIC)
def manifest() -> ResponseReturnValue:
    """Return the description a phone needs to install the app."""
    text = render_template("mobile/manifest.json")
    return Response(text, mimetype="application/manifest+json")


def _lists(session: Session) -> dict[str, Any]:
    """Return what the actor must confirm, verify or look at, and what they reported."""
    now = clock.now()
    tasks = queries.page(session, actor(), Filters(mine="tasks", limit=SHOWN), at=now)
    wanted = Wanted(state="open", mine=True, limit=SHOWN)
    errands = field.page(session, actor(), wanted, at=now)["items"]
    reports = queries.page(session, actor(), Filters(mine="reports", limit=SHOWN), at=now)
    return {
        "tasks": tasks.items,
        "errands": [one for one in errands if one["purpose"] not in AWAITED],
        "purposes": {state: PURPOSES[name] for state, name in OF_STATE.items()},
        "reports": reports.items,
    }
