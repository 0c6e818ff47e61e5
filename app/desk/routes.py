"""The work bench and the page of one case."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import queries, service
from app.cases.forms import Filters
from app.cases.pressure import service as pressing
from app.catalogue import queries as catalogue
from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.places import queries as places

bp = Blueprint("desk", __name__)
FILTERS = ("state", "stage", "kind", "district", "due", "q", "mine", "department", "cell")


@bp.get("/desk")
@requires("desk.use")
def desk() -> ResponseReturnValue:
    """Show the queues, the rows and their map; only queues and rows when the page asks again."""
    with reading() as session:
        work = _work(session)
        if "HX-Request" in request.headers:
            return render_template("desk/_work.html", **work)
        return render_template("desk/desk.html", **work, **_frame(session))


@bp.get("/cases/<ref>")
@requires("case.read")
def case(ref: str) -> ResponseReturnValue:
    """Show one case: a page of its own, or the fragment for a drawer."""
    with reading() as session:
        found = service.view(session, ref, actor=actor(), at=clock.now())
        pressure = pressing.view(session, ref, actor=actor(), at=clock.now())
    fragment = "fragment" in request.args or "HX-Request" in request.headers
    page = "desk/_case.html" if fragment else "desk/case.html"
    return render_template(page, case=found, pressure=pressure)


def _work(session: Session) -> dict[str, Any]:
    """Return the actor's queues and the rows that fit the filters in the address."""
    page = queries.page(session, actor(), Filters.read(request.args), at=clock.now())
    kept = {name: value for name, value in request.args.items() if value and name != "after"}
    return {
        "queues": queries.queues(session, actor()),
        "page": page,
        "filtered": any(request.args.get(name) for name in FILTERS),
        "first_url": f"/desk?{urlencode(kept)}",
        "next_url": f"/desk?{urlencode({**kept, 'after': page.next})}",
    }


def _frame(session: Session) -> dict[str, Any]:
    """Return what stays on the page while the rows change."""
    return {
        "kinds": catalogue.kinds(session),
        "city": places.city(session),
        "working_day": catalogue.is_working_day(session, clock.local(clock.now()).date()),
    }
