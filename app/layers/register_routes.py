"""The register of layers over HTTP."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor, json_body, once
from app.kernel.i18n import locale
from app.layers import register, service, styles

bp = Blueprint("register", __name__, url_prefix="/api/v1")


def _once(work: Callable[[Session, dict[str, Any]], dict[str, Any]]) -> ResponseReturnValue:
    """Do ``work`` once for each retry key; a layer is the whole city's."""
    actor().require_whole_city()
    body = json_body()
    return jsonify(once(lambda session: work(session, body), body)), 201


@bp.get("/layers")
@requires("place.read")
def list_layers() -> ResponseReturnValue:
    """Return the layers that the caller may switch on, drawn for each ground, with legends."""
    with reading() as session:
        return jsonify(register.drawn(session, actor(), english=locale() == "en"))


@bp.post("/layers")
@requires("layer.edit")
def create_layer() -> ResponseReturnValue:
    """Enter a new layer in the register."""
    return _once(lambda session, body: service.create(session, actor(), body))


@bp.get("/layers/<name>")
@requires("layer.edit")
def show_layer(name: str) -> ResponseReturnValue:
    """Return one layer with its versions and styles."""
    with reading() as session:
        found = register.one(session, actor(), name)
        found["all_versions"] = register.versions(session, found["id"])
        found["all_styles"] = register.saved_styles(session, found["id"])
    return jsonify(found)


@bp.post("/layers/<name>")
@requires("layer.edit")
def edit_layer(name: str) -> ResponseReturnValue:
    """Change what the register says of a layer."""
    return _once(lambda session, body: service.edit(session, actor(), name, body))


@bp.post("/layers/<name>/publish")
@requires("layer.edit")
def publish_layer(name: str) -> ResponseReturnValue:
    """Publish a version of the layer, or none."""
    return _once(lambda session, body: service.publish(session, actor(), name, body))


@bp.post("/layers/<name>/styles")
@requires("layer.edit")
def save_style(name: str) -> ResponseReturnValue:
    """Save a style; it is in force at once."""
    return _once(lambda session, body: service.save_style(session, actor(), name, body))


@bp.post("/layers/<name>/styles/undo")
@requires("layer.edit")
def undo_style(name: str) -> ResponseReturnValue:
    """Return to the style before."""
    return _once(lambda session, body: service.undo_style(session, actor(), name, body))


@bp.post("/layers/<name>/preview")
@requires("layer.edit")
def preview_style(name: str) -> ResponseReturnValue:
    """Return how a style would be drawn on each ground; nothing is stored."""
    document = styles.checked(name, json_body().get("document"))
    if name == "base":
        return jsonify(document)
    return jsonify({g: styles.drawn(name, document, g, (0, 22)) for g in styles.GROUNDS})


@bp.post("/layers/<name>/versions")
@requires("data.import")
def import_version(name: str) -> ResponseReturnValue:
    """Import an uploaded file as a draft of the layer, in the background."""
    return _once(lambda session, body: service.import_version(session, actor(), name, body))


@bp.get("/layers/<name>/versions/<int:number>/features")
@requires("layer.edit")
def show_features(name: str, number: int) -> ResponseReturnValue:
    """Return the first features of a version as GeoJSON, and the repairs that are offered."""
    with reading() as session:
        register.version(session, name, number)
        found = register.sample(session, number)
        found["repairs"] = register.repairs(session, number)
    return jsonify(found)


@bp.post("/layers/<name>/versions/<int:number>/repairs")
@requires("layer.edit")
def accept_repairs(name: str, number: int) -> ResponseReturnValue:
    """Take repaired shapes into a draft."""
    return _once(lambda session, body: service.accept_repairs(session, actor(), name, number, body))


@bp.post("/layers/<name>/count")
@requires("layer.edit")
def count_layer(name: str) -> ResponseReturnValue:
    """Count the figures of one of the city's own layers anew, in the background."""
    return _once(lambda session, body: service.count(session, actor(), name))


@bp.post("/base-imports")
@requires("data.import")
def import_base() -> ResponseReturnValue:
    """Import uploaded files as base map, in the background."""
    return _once(lambda session, body: service.import_base(session, actor(), body))


@bp.post("/base-imports/<int:number>/undo")
@requires("layer.edit")
def undo_base(number: int) -> ResponseReturnValue:
    """Take an import of the base map back, in the background."""
    return _once(lambda session, body: service.undo_base(session, actor(), number))
