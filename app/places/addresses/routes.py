"""The register of addresses over HTTP."""

from typing import Any

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel import attempts, audit, fields, queue, uploads
from app.kernel.auth import requires
from app.kernel.db import reading, transaction
from app.kernel.errors import Conflict, Refused, sentence
from app.kernel.http import actor, json_body, once, request_key
from app.kernel.i18n import translate
from app.places.addresses import imports, queries, rules, service

bp = Blueprint("addresses", __name__, url_prefix="/api/v1/addresses")


@bp.get("")
@requires("place.read")
def list_addresses() -> ResponseReturnValue:
    """Return places by type, name, division or box, in order of their codes."""
    given = request.args
    kinds = [kind for kind in fields.text(given, "type", most=60).split(",") if kind]
    if unknown := set(kinds) - set(rules.TYPES):
        raise Refused(
            sentence("“%(value)s” is not one of the choices."), value=", ".join(sorted(unknown))
        ).about("type")
    limit = fields.integer(given, "limit", least=1, most=200) if "limit" in given else 50
    with reading() as session:
        page = queries.page(
            session,
            kinds=kinds,
            q=fields.text(given, "q", most=80),
            division=fields.text(given, "division", most=12),
            bbox=fields.box(given),
            ended=given.get("ended") == "true",
            after=fields.text(given, "after", most=20),
            limit=limit,
        )
    return jsonify(page)


@bp.get("/<number>")
@requires("place.read")
def show_address(number: str) -> ResponseReturnValue:
    """Return one place with its geometry and its history."""
    with reading() as session:
        found = queries.one(session, number)
        return jsonify(found | {"history": queries.history(session, number)})


@bp.post("")
@requires("place.edit")
def add_address() -> ResponseReturnValue:
    """Add a place to the register."""
    return _written(lambda session, body: service.add(session, actor(), service.read(body)), 201)


@bp.post("/<number>/changes")
@requires("place.edit")
def change_address(number: str) -> ResponseReturnValue:
    """Change a place as it was ``seen``, or end it with ``end``; 409 if somebody was faster."""

    def write(session: Any, body: dict[str, Any]) -> str:
        seen = fields.integer(body, "seen", least=1)
        if body.get("end") is True:
            service.end(session, actor(), number, seen=seen)
        else:
            service.change(session, actor(), number, service.read(body), seen=seen)
        return number

    return _written(write, 200)


def _written(write: Any, status: int) -> ResponseReturnValue:
    """Carry out a write once for each retry key, and return the place as it is then."""
    body, key = json_body(), request_key()
    mark = attempts.fingerprint(request.path, body)
    with transaction() as session:
        answer = attempts.former(session, actor(), key, mark)
        if answer is None:
            found = queries.one(session, write(session, body))
            answer = attempts.keep(session, actor(), key, found)
    return jsonify(answer), status


@bp.post("/imports")
@requires("data.import")
def import_addresses() -> ResponseReturnValue:
    """Import an uploaded file of streets, doors, places, tracts or blocks in the background."""
    body = json_body()
    holds = fields.text(body, "holds", required=True, most=20)
    if holds not in imports.HOLDS:
        raise Refused(
            sentence("A file holds one of: %(known)s."), known=", ".join(imports.HOLDS)
        ).about("holds")
    actor().require_whole_city()

    def ask(session: Session) -> dict[str, Any]:
        number = fields.identifier(body.get("upload"), "upload")
        file = uploads.find(session, current_app.config["DATA"], number)
        job = queue.defer(
            session,
            "import_addresses",
            actor=actor(),
            title=translate(sentence("Addresses from %(file)s"), file=file.name),
            upload=str(file.id),
            holds=holds,
            mapping=imports.read_mapping(body.get("mapping")),
            coord_sys=fields.text(body, "coord_sys", most=12) or None,
        )
        audit.note(session, actor(), "address.import", file.name)
        return {"job": job}

    return jsonify(once(ask, body)), 202


@bp.post("/harvest")
@requires("data.import")
def harvest() -> ResponseReturnValue:
    """Take streets, doors and named places from the base map, in the background."""
    actor().require_whole_city()

    def ask(session: Session) -> dict[str, Any]:
        job = queue.defer(
            session,
            "harvest_addresses",
            actor=actor(),
            title=translate(sentence("Addresses from the base map")),
            dedupe="all",
        )
        if job is None:
            raise Conflict(sentence("This is already being done. Wait until it has ended."))
        audit.note(session, actor(), "address.harvest", "base")
        return {"job": job}

    return jsonify(once(ask, {})), 202
