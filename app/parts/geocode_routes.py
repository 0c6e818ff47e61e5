"""From words to a place (地理编码): addresses, crossings, and parts by the number on them."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.kernel import fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.parts import queries
from app.places.addresses import finding

bp = Blueprint("geocode", __name__, url_prefix="/api/v1")


@bp.get("/geocode")
@requires("place.read")
def geocode() -> ResponseReturnValue:
    """Return the best places for ``q``, best first: at most ten, each with a score from 0 to 1."""
    query = fields.text(request.args, "q", required=True, most=200)
    with reading() as session:
        numbered = queries.numbered(session, finding.understand(query).code)
        hits = [hit.public() for hit in finding.geocode(session, query)]
    return jsonify(items=[*map(_part, numbered), *hits][:10])


def _part(part: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": f"{part['name']} {part['code']}",
        "type": "part",
        "lon": round(part["lon"], 7),
        "lat": round(part["lat"], 7),
        "score": 1.0,
        "precision": "code",
        "within": "",
        "id": part["code"],
    }
