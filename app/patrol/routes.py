"""Positions and tracks of inspectors over HTTP."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once
from app.patrol import queries, service
from app.patrol.rules import MOST
from app.patrol.service import Fix
from app.places import queries as places
from gis.crs import CoordSys

bp = Blueprint("patrol", __name__, url_prefix="/api/v1")


@bp.post("/positions")
@requires("patrol.send")
def add_positions() -> ResponseReturnValue:
    """Keep a batch of fixes of the sender's phone."""
    body = json_body()
    fixes = _fixes(body)
    answer = once(lambda session: service.keep(session, fixes, actor=actor(), at=clock.now()), body)
    return jsonify(answer), 201


def _fixes(body: Mapping[str, Any]) -> list[Fix]:
    given = body.get("fixes")
    if not isinstance(given, list) or not 0 < len(given) <= MOST:
        raise Refused(
            sentence("“fixes” must be a list of one to %(most)s positions."), most=MOST
        ).about("fixes")
    system = fields.text(body, "coord_sys", most=12) or CoordSys.WGS84
    return [_fix(one, system) for one in given]


def _fix(one: Any, system: str) -> Fix:
    if not isinstance(one, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field="fixes").about("fixes")
    lon, lat = places.admit(fields.number(one, "lon"), fields.number(one, "lat"), system)
    return Fix(lon, lat, fields.number(one, "accuracy_m"), _instant(one))


def _instant(one: Mapping[str, Any]) -> datetime:
    try:
        found = datetime.fromisoformat(fields.text(one, "at", required=True, most=40))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1990 <= found.year <= 2200:
        raise Refused(
            sentence("“%(field)s” must be a time like 2026-11-22T09:00:00+08:00."), field="at"
        ).about("at")
    return found


@bp.get("/positions")
@requires("patrol.read")
def list_positions() -> ResponseReturnValue:
    """Return the inspectors of the asker's area, with their last position and who is on duty."""
    with reading() as session:
        return jsonify(items=queries.duty(session, actor(), at=clock.now()))


@bp.get("/tracks/<int:person>")
@requires("patrol.read")
def show_track(person: int) -> ResponseReturnValue:
    """Return where an inspector was on a day (``day``, today if it is not given)."""
    given = fields.text(request.args, "day", most=10)
    try:
        day = date.fromisoformat(given) if given else clock.local(clock.now()).date()
    except ValueError:
        raise Refused(sentence("“day” must be a date like 2026-11-22.")).about("day") from None
    with reading() as session:
        return jsonify(queries.track(session, actor(), person, day))
