"""The handbook held against cases: trying a place, and what a change would move."""

from datetime import datetime

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.cases import reprocess, rerouting, routing
from app.catalogue.forms import TableForm
from app.catalogue.queries import handbook
from app.catalogue.routing import suggest
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.clock import local
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once
from app.places import queries as places

bp = Blueprint("case_handbook", __name__, url_prefix="/api/v1")


@bp.get("/routes/suggestion")
@requires("handbook.edit")
def try_place() -> ResponseReturnValue:
    """Return who would handle a kind at a place and a time, why, and why not the others."""
    args = request.args
    lon, lat = fields.number(args, "lon"), fields.number(args, "lat")
    at = _instant(fields.text(args, "at", most=40))
    part = fields.text(args, "part_code", most=40) or None
    with reading() as session:
        book = handbook(session, actor().handbook)
        kind = book.kind(fields.text(args, "kind", required=True, most=12), with_part=bool(part))
        place = places.locate(session, *places.admit(lon, lat, "cgcs2000"))
        where = (place.lon, place.lat, place.cell)
        asked = routing.at_place(session, book, kind.id, where, part=part, at=at)
    found = routing.shown(suggest(book.routes, asked), book)
    return jsonify(kind=kind.id, cell=place.cell, address=place.address, suggestion=found)


def _instant(given: str) -> datetime:
    """Return a time as a form sends it, in city time; now if nothing is sent."""
    if not given:
        return local(clock.now())
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise Refused(
            sentence("“%(field)s” must be a time like 2026-11-22T09:00:00+08:00."), field="at"
        ).about("at") from None
    return local(at) if at.tzinfo else at.replace(tzinfo=clock.CITY_TIME)


@bp.post("/routes/dry-run")
@requires("handbook.edit")
def try_table() -> ResponseReturnValue:
    """Return what a changed routing table would have done to the last thirty days' cases."""
    form = TableForm.read(json_body())
    actor().require_whole_city()
    with reading() as session:
        return jsonify(rerouting.dry_run(session, form, at=clock.now()))


@bp.get("/handbook/reprocessing")
@requires("handbook.edit")
def list_moves() -> ResponseReturnValue:
    """Return which running deadlines another calendar or limit would move; nothing is changed."""
    department = fields.text(request.args, "department", most=60)
    actor().require_whole_city()
    with reading() as session:
        return jsonify(reprocess.dry_run(session, department=department))


@bp.post("/handbook/reprocessing")
@requires("handbook.edit")
def begin_moves() -> ResponseReturnValue:
    """Have the worker compute running limits anew; each case that moves gets a line."""
    body = json_body()
    department = fields.text(body, "department", most=60)
    return jsonify(once(lambda s: reprocess.begin(s, actor(), department=department), body)), 202
