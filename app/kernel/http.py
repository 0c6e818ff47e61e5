"""Reading requests and rendering answers; the only module that knows both."""

import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg2
import structlog
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from app.kernel import attempts, audit
from app.kernel.auth import NOBODY, PUBLIC, Actor
from app.kernel.db import as_unavailable, reading, transaction
from app.kernel.errors import AppError, Forbidden, NotSignedIn, Refused, sentence
from app.kernel.fields import read_json
from app.kernel.i18n import translate
from gis.faults import GeometryFault
from grid_codes.faults import CodeFault

log = structlog.get_logger("http")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PROBES = {"/healthz", "/readyz"}
SAFE = {"GET", "HEAD", "OPTIONS"}
PLAIN = {
    404: sentence("There is nothing at this address."),
    405: sentence("This address does not take that kind of request."),
    413: sentence("The request is larger than 12 MB. Send smaller photos, or fewer at a time."),
}


def actor() -> Actor:
    """Return who is asking."""
    found: Actor = g.actor
    return found


def request_key() -> UUID | None:
    """Return the client's retry key, so that sending twice does once; None if it sent none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    try:
        return UUID(key)
    except ValueError:
        raise AppError(sentence("The Idempotency-Key header must be a UUID.")) from None


def json_body() -> dict[str, Any]:
    """Return the request's JSON object, or raise a sentence that says what is wrong with it."""
    return read_json(request.get_data(cache=False))


def wants_json() -> bool:
    """Say whether this request is answered with JSON rather than a page."""
    if request.path.startswith(("/api/", "/tiles/", "/ogc/", "/healthz", "/readyz")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def once(work: Callable[[Session], dict[str, Any]], body: Mapping[str, Any]) -> dict[str, Any]:
    """Carry ``work`` out in one transaction and return its answer; a repetition gets the first.

    ``body`` is what tells this request from others that come under the same retry key.
    """
    key, mark = request_key(), attempts.fingerprint(request.path, body)
    with transaction() as session:
        former = attempts.former(session, actor(), key, mark)
        if former is not None:
            return former
        answer: dict[str, Any] = json.loads(json.dumps(work(session), default=str))
        return attempts.keep(session, actor(), key, answer)


def unless_done(
    work: Callable[[Session, attempts.Retry], dict[str, Any]],
    body: Mapping[str, Any],
    within: Callable[[], AbstractContextManager[Session]] = transaction,
) -> dict[str, Any]:
    """Carry out ``work``, which refuses to be done twice, and return its answer.

    It keeps that answer itself.  When it refuses, the answer of the first time is looked for:
    a repetition gets it, everything else hears why it was refused.
    """
    retry = attempts.Retry(request_key(), attempts.fingerprint(request.path, body))
    try:
        with within() as session:
            return work(session, retry)
    except (AppError, IntegrityError, psycopg2.IntegrityError):
        with reading() as session:
            former = attempts.answered(session, actor(), retry)
        if former is None:
            raise
        return former


def install(app: Flask, identify: Callable[[], Actor]) -> None:
    """Know who is asking, hold every view to its declaration, render every error once."""

    @app.before_request
    def admit() -> None:
        g.actor = NOBODY
        g.request_id = _request_id()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)
        needed = getattr(app.view_functions.get(request.endpoint or ""), "permission", PUBLIC)
        if request.endpoint == "static" or request.path in PROBES:
            return
        _check_address()
        g.actor = identify()
        _check_origin()
        if needed != PUBLIC:
            _admit(g.actor, needed)

    app.register_error_handler(AppError, show)
    app.register_error_handler(GeometryFault, _show_told)
    app.register_error_handler(CodeFault, _show_told)
    app.register_error_handler(HTTPException, _show_http)
    app.register_error_handler(SQLAlchemyError, _show_database)
    app.register_error_handler(psycopg2.Error, _show_database)
    app.register_error_handler(Exception, _show_fault)
    app.after_request(_finish)


def _request_id() -> str:
    """Return the caller's request id if it is a plain one, else a new one."""
    given = request.headers.get("X-Request-ID", "")
    return given if given.isalnum() and 8 <= len(given) <= 64 else uuid4().hex


def _check_address() -> None:
    """Refuse a NUL character in the address: no text of the database can hold one."""
    if "\0" in request.path or any("\0" in value for value in request.args.values()):
        raise AppError(sentence("The request contains a NUL character. Remove it."))


def _admit(who: Actor, needed: str) -> None:
    if who is NOBODY:
        raise NotSignedIn(sentence("Sign in, then try again."))
    who.require(needed)


def _check_origin() -> None:
    """Refuse a write that another site's page sends with this browser's cookie."""
    if request.method in SAFE or request.headers.get("Authorization"):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden(sentence("This request comes from another site."))
    if g.actor is not NOBODY:
        sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
        if not hmac.compare_digest(sent.encode(), g.actor.csrf.encode()):
            raise Forbidden(sentence("The page is out of date. Reload it and try again."))


def show(error: AppError) -> ResponseReturnValue:
    """Render ``error`` as a problem document or as a page, and remember who was turned away."""
    log.info("refused", code=error.code, message=error.message, facts=repr(error.facts))
    if isinstance(error, Forbidden):
        _note_denial(error)
    detail = translate(error.message, **error.facts)
    if error.status == HTTPStatus.UNAUTHORIZED and request.method == "GET" and not wants_json():
        return redirect(f"/login?{urlencode({'next': request.full_path.rstrip('?')})}")
    answer = _problem(error, detail) if wants_json() else _page(error, detail)
    if error.status in {429, 503}:
        answer.headers["Retry-After"] = str(error.facts.get("wait", 2))
    return answer


def _problem(error: AppError, detail: str) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:wanmi:{error.code}",
        "title": translate(error.title),
        "status": error.status,
        "detail": detail,
        "code": error.code,
        "request_id": g.get("request_id"),
    }
    if error.fields:
        body["fields"] = {k: translate(v, **error.facts) for k, v in error.fields.items()}
    if error.current is not None:
        body["current"] = error.current
    answer = jsonify(body)
    answer.status_code, answer.mimetype = error.status, "application/problem+json"
    return answer


def _page(error: AppError, detail: str) -> Response:
    page = render_template(
        "error.html",
        title=translate(error.title),
        detail=detail,
        status=error.status,
        request_id=g.get("request_id"),
    )
    return make_response(page, error.status)


def _note_denial(error: Forbidden) -> None:
    """Write the refusal into the audit; a database that is away must not hide the 403."""
    try:
        with transaction() as session:
            audit.note(session, actor(), "denied", request.path, result=error.message)
    except SQLAlchemyError as lost:
        log.warning("denial not audited", error=str(lost))


def _show_told(error: GeometryFault | CodeFault) -> ResponseReturnValue:
    """Render what the pure packages below refuse: they know sentences, but no statuses."""
    return show(Refused(error.message, **error.facts))


def _show_http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    told = AppError(PLAIN.get(status, sentence("The request cannot be read.")))
    told.status, told.code = status, error.name.lower().replace(" ", "_")
    told.title = told.message
    answer = make_response(show(told))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
    return answer


def _show_database(error: SQLAlchemyError | psycopg2.Error) -> ResponseReturnValue:
    told = as_unavailable(error)
    if told is None:
        return _show_fault(error)
    # The cause alone: the statement and its values may be about a person.
    cause = getattr(error, "orig", None) or error
    log.warning("unavailable", cause=type(cause).__name__, path=request.path, **told.facts)
    return show(told)


def _show_fault(error: Exception) -> ResponseReturnValue:
    log.error("fault", exc_info=error, path=request.path)
    told = AppError(
        sentence("Something went wrong here. Nothing was changed. Tell us the number %(id)s."),
        id=g.get("request_id"),
    )
    told.status, told.code, told.title = 500, "fault", sentence("Our fault")
    return show(told)


def _finish(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def new_secret() -> str:
    """Return 256 random bits as text, for session tokens and form tokens."""
    return secrets.token_urlsafe(32)


def check_declared(app: Flask) -> None:
    """Raise if some view declares neither a permission nor ``PUBLIC``."""
    views = app.view_functions.items()
    silent = [name for name, view in views if name != "static" and not hasattr(view, "permission")]
    if silent:
        raise RuntimeError(f"views without a declared permission: {sorted(silent)}")
