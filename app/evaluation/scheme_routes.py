"""Schemes over HTTP: drafts, checks as one types, trying on past periods, publishing."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.evaluation import boards, scheme_store, service
from app.kernel import clock, fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once

bp = Blueprint("schemes", __name__, url_prefix="/api/v1/schemes")


def document_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return the document in a request, or refuse."""
    found = body.get("document")
    if not isinstance(found, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field="document").about(
            "document"
        )
    return found


def _designer() -> Any:
    """Return who asks, if they answer for the whole city: a scheme scores all of it."""
    actor().require_whole_city()
    return actor()


@bp.get("")
@requires("evaluation.read")
def list_schemes() -> ResponseReturnValue:
    """Return every version of every scheme."""
    with reading() as session:
        return jsonify(items=scheme_store.listed(session))


@bp.post("")
@requires("evaluation.design")
def begin_draft() -> ResponseReturnValue:
    """Begin the next version of a scheme, or a new scheme made like another."""
    body, who = json_body(), _designer()
    code = fields.text(body, "code", required=True, most=60)
    like = fields.text(body, "like", most=60)
    name = fields.text(body, "name", most=80)

    def begin(session: Any) -> dict[str, Any]:
        return scheme_store.begin(session, code, like, name, actor=who, at=clock.now())

    return jsonify(once(begin, body)), 201


@bp.post("/checks")
@requires("evaluation.design")
def check() -> ResponseReturnValue:
    """Return the faults of a document as sentences with their places; nothing is stored."""
    return jsonify(faults=scheme_store.told_faults(document_of(json_body())))


@bp.get("/<code>/versions/<int:version>")
@requires("evaluation.read")
def show_version(code: str, version: int) -> ResponseReturnValue:
    """Return a version of a scheme with its document."""
    with reading() as session:
        found = scheme_store.one(session, code, version)
    told = ("code", "version", "object", "name", "state", "revision", "document", "is_default")
    return jsonify({name: getattr(found, name) for name in told})


@bp.post("/<code>/versions/<int:version>")
@requires("evaluation.design")
def save_draft(code: str, version: int) -> ResponseReturnValue:
    """Save a draft as it was seen at ``revision``; 409 if somebody was faster."""
    body, who = json_body(), _designer()
    document, revision = document_of(body), fields.integer(body, "revision")

    def save(session: Any) -> dict[str, Any]:
        return scheme_store.save(session, code, version, document, revision=revision, actor=who)

    return jsonify(once(save, body)), 201


@bp.post("/<code>/versions/<int:version>/publication")
@requires("evaluation.design")
def publish(code: str, version: int) -> ResponseReturnValue:
    """Publish a draft for good; ``default`` makes it what its objects are scored by."""
    body, who = json_body(), _designer()
    revision, default = fields.integer(body, "revision"), body.get("default") is True

    def work(session: Any) -> dict[str, Any]:
        return scheme_store.publish(
            session, code, version, revision=revision, default=default, actor=who, at=clock.now()
        )

    return jsonify(once(work, body)), 201


@bp.post("/<code>/versions/<int:version>/drop")
@requires("evaluation.design")
def drop_draft(code: str, version: int) -> ResponseReturnValue:
    """Throw a draft away."""
    body, who = json_body(), _designer()
    return jsonify(once(lambda s: scheme_store.drop(s, code, version, actor=who), body)), 201


@bp.post("/<code>/default")
@requires("evaluation.design")
def choose(code: str) -> ResponseReturnValue:
    """Score its objects by this scheme when nobody names another."""
    body, who = json_body(), _designer()
    return jsonify(once(lambda s: scheme_store.choose(s, code, actor=who), body)), 201


@bp.get("/<code>/versions/<int:version>/simulation")
@requires("evaluation.design")
def simulate(code: str, version: int) -> ResponseReturnValue:
    """Return a period scored by the present scheme and by this version, side by side."""
    period = fields.text(request.args, "period", most=40)
    level = fields.text(request.args, "level", most=20)
    with reading() as session:
        object_type = scheme_store.one(session, code, version).object
        where = boards.address(object_type, level=level)
        wanted = service.asked(**where, period=period, at=clock.now())
        return jsonify(scheme_store.simulate(session, code, version, wanted))
