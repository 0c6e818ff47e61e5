"""Looking for reports of the same thing, while one is still typing."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.cases import duplicates
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.places import queries as places

bp = Blueprint("duplicates", __name__)


@bp.get("/api/v1/duplicates")
@requires("case.create")
def list_duplicates() -> ResponseReturnValue:
    """Return cases around a point that may be about the same thing, likest first, with reasons."""
    given = request.args
    kind = fields.text(given, "kind", required=True, most=12)
    part = fields.text(given, "part_code", most=20) or None
    system = fields.text(given, "coord_sys", most=12) or "cgcs2000"
    lon, lat = places.admit(fields.number(given, "lon"), fields.number(given, "lat"), system)
    words = fields.text(given, "text", most=2_000)
    with reading() as session:
        told = duplicates.told_of(session, kind, words, part)
        found = duplicates.search(
            session,
            actor(),
            told,
            lon=lon,
            lat=lat,
            at=clock.now(),
            only_open=given.get("open") == "true",
        )
    return jsonify(items=found)
