"""Evaluations over HTTP."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.evaluation import service
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor

bp = Blueprint("evaluation", __name__, url_prefix="/api/v1/evaluations")


@bp.get("/<objects>")
@requires("evaluation.read")
def rank(objects: str) -> ResponseReturnValue:
    """Return the ranking of a kind of object for a month."""
    period = fields.text(request.args, "period", most=10)
    scheme = fields.text(request.args, "scheme", most=60)
    with reading() as session:
        found = service.ranking(session, objects, period, at=clock.now(), scheme=scheme or None)
    return jsonify({name: found[name] for name in ("period", "scheme", "rows")})


@bp.get("/<objects>/<name>/cases")
@requires("evaluation.read")
def list_cases(objects: str, name: str) -> ResponseReturnValue:
    """Return the cases behind one figure, exactly as many as it says."""
    indicator = fields.text(request.args, "indicator", required=True, most=60)
    period = fields.text(request.args, "period", most=10)
    with reading() as session:
        items = service.cases_behind(
            session, objects, name, indicator, period, actor=actor(), at=clock.now()
        )
    return jsonify(items=items)
