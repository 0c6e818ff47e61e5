"""Signing in, signing out, preferences, and who am I."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, current_app, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel import clock, fields, i18n
from app.kernel.auth import NOBODY, PUBLIC, SIGNED_IN, Actor, requires
from app.kernel.db import reading, transaction
from app.kernel.errors import AppError, NotSignedIn
from app.kernel.http import actor, json_body, new_secret, show
from app.kernel.i18n import translate
from app.org import rules, service

bp = Blueprint("org", __name__)
Result = TypeVar("Result")
THEMES = ("auto", "light", "dark")


def identify() -> Actor:
    """Return who sends this request, by bearer token or by cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.cookies.get(current_app.config["COOKIE"], "")
    if not token:
        return NOBODY
    with reading() as session:
        return service.identify(session, token)


def off_the_loop(work: Callable[[], Result]) -> Result:
    """Run ``work`` beside the event loop: a password hash takes 0.1 s of processor time."""
    pool = current_app.extensions.get("thinkers")
    return pool.apply(work) if pool else work()


def sign_in(username: str, password: str) -> tuple[Actor, str]:
    """Return who signs in and the new session's token, or raise the one answer for a wrong pair."""
    with reading() as session:
        person_id, stored = service.credentials(session, username, clock.now())
    known = off_the_loop(lambda: service.matches(stored, password))
    if not known or person_id is None:
        with transaction() as session:
            service.count_failure(session, person_id, username, clock.now())
        raise service.refuse_wrong()
    token, csrf = new_secret(), new_secret()
    with transaction() as session:
        who = service.open_session(session, person_id, token=token, csrf=csrf, at=clock.now())
    return who, token


@bp.post("/api/v1/sessions")
@requires(PUBLIC)
def create_session() -> ResponseReturnValue:
    """Open a session for a program and return its bearer token."""
    body = json_body()
    username = fields.text(body, "username", required=True, most=100)
    _, token = sign_in(username, fields.text(body, "password", required=True, most=128))
    expires = clock.local(clock.now() + rules.LIFE)
    return jsonify(token=token, expires_at=expires.isoformat()), 201


@bp.get("/api/v1/me")
@requires(SIGNED_IN)
def me() -> ResponseReturnValue:
    """Return who is asking: post, permissions and scopes."""
    who = actor()
    return jsonify(
        id=who.person_id,
        username=who.username,
        name=who.name,
        post=who.post,
        permissions=sorted(who.permissions),
        scopes={"area": who.area, "department": who.department},
    )


@bp.get("/login")
@requires(PUBLIC)
def login_page() -> ResponseReturnValue:
    """Show the sign-in form, or go on if somebody is signed in already."""
    if actor() is not NOBODY:
        return redirect(_next(home(actor())))
    return render_template("login.html", error=None, username="", next=request.args.get("next", ""))


@bp.post("/login")
@requires(PUBLIC)
def login() -> ResponseReturnValue:
    """Sign in with the form and set the session cookie."""
    username = fields.text(request.form, "username", most=100)
    try:
        who, token = sign_in(username, fields.text(request.form, "password", most=128))
    except (NotSignedIn, AppError) as wrong:
        return _login_again(wrong, username)
    answer = redirect(_next(home(who)), 303)
    answer.set_cookie(
        current_app.config["COOKIE"],
        token,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["COOKIE_SECURE"],
        max_age=int(rules.LIFE.total_seconds()),
    )
    return answer


def _login_again(wrong: AppError, username: str) -> ResponseReturnValue:
    if wrong.status not in {401, 429}:
        return show(wrong)
    told = translate(wrong.message, **wrong.facts)
    page = render_template(
        "login.html", error=told, username=username, next=request.form.get("next", "")
    )
    return make_response(page, wrong.status)


@bp.post("/logout")
@requires(SIGNED_IN)
def logout() -> ResponseReturnValue:
    """Close the session and forget the cookie."""
    with transaction() as session:
        service.end_session(session, actor())
    answer = redirect("/login", 303)
    answer.delete_cookie(current_app.config["COOKIE"])
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.post("/preferences")
@requires(PUBLIC)
def preferences() -> ResponseReturnValue:
    """Remember language and theme, for the person if signed in, for the browser in any case."""
    locale = _one_of(request.form.get("locale"), i18n.LOCALES, i18n.locale())
    theme = _one_of(request.form.get("theme"), THEMES, actor().theme)
    if actor() is not NOBODY:
        with transaction() as session:
            service.prefer(session, actor(), locale=locale, theme=theme)
    answer = redirect(_next("/"), 303)
    answer.set_cookie("locale", locale, max_age=31_536_000, samesite="Lax")
    answer.set_cookie("theme", theme, max_age=31_536_000, samesite="Lax")
    return answer


def _one_of(given: str | None, allowed: tuple[str, ...], present: str) -> str:
    return given if given in allowed else present


def _next(otherwise: str) -> str:
    """Return the page the form was meant for, only if it is one of ours."""
    wanted = request.form.get("next") or request.args.get("next") or ""
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\n" not in wanted
    return wanted if ours else otherwise


def home(who: Actor) -> str:
    """Return the page where ``who``'s work lies."""
    for permission, page in (
        ("mobile.use", "/m/"),
        ("hotline.use", "/hotline"),
        ("desk.use", "/desk"),
    ):
        if who.may(permission):
            return "/screen/" if who.post == "commander" else page
    return "/evaluation"


@bp.get("/")
@requires(PUBLIC)
def front() -> ResponseReturnValue:
    """Lead everyone to the page of their post; who is not signed in signs in first."""
    return redirect(home(actor()) if actor() is not NOBODY else "/login")
