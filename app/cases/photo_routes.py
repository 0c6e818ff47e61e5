"""Photos over HTTP."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from app.cases import photos
from app.cases.photos import Device
from app.kernel import fields, files
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, once
from app.places import queries as places
from gis.crs import CoordSys

bp = Blueprint("photos", __name__)


@bp.post("/api/v1/photos")
@requires("photo.add")
def add_photo() -> ResponseReturnValue:
    """Take in a photo: re-encode it, keep it on disk, then record it."""
    sent = request.files.get("file")
    if sent is None:
        raise Refused(sentence("Send the photo as the form field “file”.")).about("file")
    stored = files.store(current_app.config["FILES"], sent.read())
    told = {"sha256": stored.original_sha256}
    device = _device(request.form)
    answer = once(lambda session: photos.keep(session, stored, actor=actor(), device=device), told)
    return jsonify(answer), 201


def _device(form: Mapping[str, str]) -> Device:
    """Return where the phone says it is; WGS-84 unless ``coord_sys`` says otherwise."""
    if not form.get("lon") and not form.get("lat"):
        return Device()
    system = fields.text(form, "coord_sys", most=12) or CoordSys.WGS84
    lon, lat = places.admit(fields.number(form, "lon"), fields.number(form, "lat"), system)
    accuracy = fields.number(form, "accuracy_m") if form.get("accuracy_m") else None
    return Device(lon, lat, accuracy)


@bp.get("/photos/<uuid:photo_id>")
@bp.get("/photos/<uuid:photo_id>/<size>")
@requires("case.read")
def show_photo(photo_id: UUID, size: str = "full") -> ResponseReturnValue:
    """Send a photo, or its thumbnail, to who may see it."""
    with reading() as session:
        root = current_app.config["FILES"]
        path = photos.find(session, photo_id, actor(), root, thumb=size == "thumb")
    answer = send_file(path, mimetype="image/jpeg", max_age=86_400, conditional=True)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer
