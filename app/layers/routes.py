"""Vector tiles over HTTP."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.kernel.scopes import visible
from app.layers import queries

bp = Blueprint("layers", __name__)


@bp.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
@requires("place.read")
def show_tile(layer: str, z: int, x: int, y: int) -> ResponseReturnValue:
    """Send a vector tile, or 304 when the browser's copy is still true."""
    queries.check(layer, z, x, y)
    who, at, tile = actor(), clock.now(), (z, x, y)
    if layer == "cases":
        who.require("case.read")
    with reading() as session:
        tag = queries.tag(session, layer, tile, f"{who.area}/{who.department}", at)
        answer = Response(mimetype="application/vnd.mapbox-vector-tile")
        answer.set_etag(tag)
        answer.headers["Cache-Control"] = "private, no-cache"
        if tag in request.if_none_match:
            answer.status_code = 304
        else:
            answer.set_data(queries.draw(session, layer, tile, visible=visible(who), at=at))
    return answer
