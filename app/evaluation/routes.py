"""Evaluations over HTTP: rankings, and the cases behind every figure."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.evaluation import service
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor

bp = Blueprint("evaluation", __name__, url_prefix="/api/v1/evaluations")
SHOWN = (
    "period",
    "against",
    "scheme",
    "frozen",
    "current_to",
    "rows",
    "indicator_names",
    "grades",
    "groups",
)


def chosen() -> dict[str, Any]:
    """Return what the query says of the kind of ranking: ``level`` and ``post``."""
    return {name: fields.text(request.args, name, most=20) for name in ("level", "post")}


@bp.get("/<objects>")
@requires("evaluation.read")
def rank(objects: str) -> ResponseReturnValue:
    """Return the ranking of a kind of object for a period."""
    period, against = (fields.text(request.args, name, most=40) for name in ("period", "against"))
    scheme = fields.text(request.args, "scheme", most=60)
    group = fields.text(request.args, "group", most=40) if "group" in request.args else None
    with reading() as session:
        found = service.ranking(
            session,
            objects,
            period,
            at=clock.now(),
            scheme=scheme or None,
            group=group or None,
            against=against or None,
            **chosen(),
        )
    return jsonify({name: found[name] for name in SHOWN})


@bp.get("/<objects>/<name>/cases")
@requires("evaluation.read")
def list_cases(objects: str, name: str) -> ResponseReturnValue:
    """Return the cases behind one figure, exactly as many as it says."""
    indicator = fields.text(request.args, "indicator", required=True, most=60)
    period = fields.text(request.args, "period", most=40)
    with reading() as session:
        items = service.cases_behind(
            session, objects, name, indicator, period, actor=actor(), at=clock.now(), **chosen()
        )
    return jsonify(items=items)
