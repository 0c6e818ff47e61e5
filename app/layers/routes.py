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
    """Send a vector tile of one layer or several (base,cells), or 304 when the copy is true."""
    who, at, tile = actor(), clock.now(), (z, x, y)
    names = queries.asked(layer, tile)
    if "cases" in names:
        who.require("case.read")
    with reading() as session:
        rows = queries.found(session, names, who)
        tag = queries.tag(rows, tile, f"{who.area}/{who.department}", at)
        answer = Response(mimetype="application/vnd.mapbox-vector-tile")
        answer.set_etag(tag)
        answer.headers["Cache-Control"] = "private, no-cache"
        if tag in request.if_none_match:
            answer.status_code = 304
        else:
            seen = visible(who)
            drawn = [queries.draw(session, row, tile, visible=seen, at=at) for row in rows]
            answer.set_data(b"".join(drawn))
    return answer
