"""The administrators' page of the command handbook: limits, calendars, routing."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.cases import routing
from app.catalogue import queries
from app.catalogue.announced import next_year
from app.catalogue.rules import GRADES, UNIT_NAMES
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.clock import local
from app.kernel.db import reading
from app.kernel.http import actor
from app.org.rules import POSTS
from app.places import queries as places
from app.workflow import queries as flows

bp = Blueprint("admin_handbook", __name__, url_prefix="/admin/handbook")
TABS = ("limits", "calendars", "routing", "moving")
COMMONEST = "E0102"
"""The kind that is shown first (暴露垃圾)."""


@bp.get("")
@requires("handbook.edit")
def show() -> ResponseReturnValue:
    """Show limits by grade, calendars and who works by them, the routing table, and trying it."""
    tab = request.args.get("tab", "")
    kind = fields.text(request.args, "kind", most=12)
    today = local(clock.now()).date()
    with reading() as session:
        book = queries.handbook(session, actor().handbook)
        flow = flows.current(session, book.version)
        told = [next_year(one, today) for one in book.calendars.values()]
        return render_template(
            "admin/handbook.html",
            tab=tab if tab in TABS else TABS[0],
            today=today,
            kinds=sorted(book.kinds.values(), key=lambda one: one.id),
            kind=kind if kind in book.kinds else COMMONEST,
            conditions=queries.limits(book, kind if kind in book.kinds else COMMONEST, today),
            departments=book.departments,
            posts=POSTS,
            units=UNIT_NAMES,
            grades=GRADES,
            shares=book.shares_on(today),
            calendars=queries.calendars(book, today),
            announced=[(one, routing.tell(one.said, book)) for one in told if one],
            assignments=queries.assignments(book),
            table=queries.table(book),
            beats=queries.beats(session, book),
            stages=[s for s in flow.states.values() if isinstance(s.limit, dict)],
            city=places.city(session),
        )
