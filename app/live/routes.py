"""The feed over HTTP: what a screen reads when it hears that there is something new."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.live import queries

bp = Blueprint("live", __name__)


@bp.get("/api/v1/feed")
@requires("feed.read")
def read_feed() -> ResponseReturnValue:
    """Return what was committed after number ``after``, as far as the asker may see it."""
    number = fields.integer(request.args, "after", most=2**62) if "after" in request.args else 0
    with reading() as session:
        return jsonify(queries.replay(session, actor(), number, at=clock.now()))
