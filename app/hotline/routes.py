"""The call agent's desk."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import queries
from app.cases.forms import Filters
from app.catalogue import queries as catalogue
from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.places import queries as places

bp = Blueprint("hotline", __name__)
SHOWN = 30


@bp.get("/hotline")
@requires("hotline.use")
def hotline() -> ResponseReturnValue:
    """Show the form for a caller's report; only today's reports when the page asks again."""
    with reading() as session:
        recent = _today(session)
        if "HX-Request" in request.headers:
            return render_template("hotline/_recent.html", items=recent)
        kinds, city = catalogue.kinds(session), places.city(session)
        return render_template("hotline/hotline.html", items=recent, kinds=kinds, city=city)


def _today(session: Session) -> list[dict[str, Any]]:
    """Return the latest cases that were reported since midnight, city time."""
    now = clock.now()
    day = clock.local(now).date().isoformat()
    newest = queries.page(session, actor(), Filters(limit=SHOWN), at=now).items
    return [item for item in newest if item["reported_at"].startswith(day)]
