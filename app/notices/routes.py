"""A person's own notices, and where they are reached: page and API."""

from datetime import time
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel import clock, fields
from app.kernel.auth import SIGNED_IN, requires
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from app.kernel.http import actor, json_body, once
from app.notices import queries, service

bp = Blueprint("notices", __name__)


@bp.get("/notices")
@requires(SIGNED_IN)
def notices_page() -> ResponseReturnValue:
    """Show the reader's notices, unread ones or all, and where they are reached."""
    unread = request.args.get("show") != "all"
    with reading() as session:
        page = queries.page(session, actor().person_id, unread=unread, after=_after(), most=50)
        contact = queries.contact(session, actor().person_id)
    return render_template("notices/notices.html", page=page, unread=unread, contact=contact)


@bp.get("/api/v1/notices")
@requires(SIGNED_IN)
def list_notices() -> ResponseReturnValue:
    """Return the reader's own notices, newest first, and how many are unread."""
    unread = fields.text(request.args, "unread", most=5) == "true"
    given = request.args.get("limit")
    most = fields.integer(request.args, "limit", least=0, most=200) if given else 50
    with reading() as session:
        return jsonify(
            queries.page(session, actor().person_id, unread=unread, after=_after(), most=most)
        )


def _after() -> int | None:
    given = request.args.get("after")
    return fields.integer(request.args, "after", least=1, most=2**62) if given else None


@bp.post("/api/v1/notices/read")
@requires(SIGNED_IN)
def mark_read() -> ResponseReturnValue:
    """Mark some of the reader's own notices as read, or all of them."""
    body = json_body()
    every, ids = body.get("all") is True, body.get("ids") or []
    if not isinstance(ids, list) or len(ids) > 500 or not all(_is_number(one) for one in ids):
        raise Refused(sentence("“ids” must be a list of at most 500 numbers.")).about("ids")
    done = once(
        lambda s: service.mark_read(s, ids, every=every, actor=actor(), at=clock.now()), body
    )
    return jsonify(done), 201


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**62


@bp.post("/api/v1/notices/contact")
@requires(SIGNED_IN)
def keep_contact() -> ResponseReturnValue:
    """Keep where the reader is reached outside the application, by which channel, when not."""
    body = json_body()
    told: dict[str, Any] = {
        "email": _email(fields.text(body, "email", most=200)),
        "phone": _phone(fields.text(body, "phone", most=30)),
        "by_email": body.get("by_email") is True,
        "by_sms": body.get("by_sms") is True,
        "quiet_from": _time(body, "quiet_from"),
        "quiet_to": _time(body, "quiet_to"),
    }
    done = once(lambda session: service.keep_contact(session, told, actor=actor()), body)
    return jsonify(done), 201


def _email(given: str) -> str:
    name, _, house = given.partition("@")
    if given and (not name or "." not in house or not given.isprintable() or " " in given):
        raise Refused(sentence("This is no e-mail address.")).about("email")
    return given


def _phone(given: str) -> str:
    if given and not given.lstrip("+").replace("-", "").replace(" ", "").isdecimal():
        raise Refused(sentence("This is no telephone number.")).about("phone")
    return given


def _time(body: dict[str, Any], name: str) -> time | None:
    given = fields.text(body, name, most=8)
    try:
        return time.fromisoformat(given) if given else None
    except ValueError:
        raise Refused(sentence("“%(field)s” must be a time like 22:00."), field=name).about(
            name
        ) from None
