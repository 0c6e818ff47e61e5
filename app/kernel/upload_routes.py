"""Receiving files to import, streamed to disk: they never lie in memory."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel import audit, fields, uploads
from app.kernel.auth import requires
from app.kernel.http import actor, once

bp = Blueprint("uploads", __name__, url_prefix="/api/v1/uploads")


@bp.post("")
@requires("data.import")
def create_upload() -> ResponseReturnValue:
    """Store the request's body as the file ``name``, for imports; it is kept for a week."""
    request.max_content_length = uploads.MOST_BYTES
    name = fields.text(request.args, "name", required=True, most=200)
    stream = cast(BinaryIO, request.stream)
    stored = uploads.store(current_app.config["DATA"], name, stream, length=request.content_length)

    def keep(session: Session) -> dict[str, Any]:
        uploads.keep(session, stored, actor())
        audit.note(session, actor(), "upload.store", stored.name)
        return stored.public()

    answer = once(keep, {"name": stored.name, "sha256": stored.sha256})
    if answer["id"] != str(stored.id):
        uploads.forget(current_app.config["DATA"], stored.id)
    return jsonify(answer), 201
