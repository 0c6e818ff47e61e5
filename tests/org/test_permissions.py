"""Who may do what: every post at every door of the application, and what each door writes down."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import create_app
from app.kernel.auth import PUBLIC, SIGNED_IN
from app.org.rules import PERMISSIONS
from tests.city import PEOPLE, Program
from tests.conftest import clone, config_for
from tests.routes import Sent, furnish, needed, request_for, routes, sound

BY_ACTION = {
    ("POST", "/api/v1/cases/<ref>/steps"),
    ("POST", "/api/v1/requests/<uuid:uid>/decisions"),
}
"""Doors behind which the flow table says, for each action, who may take it."""
SIGNING_IN = {("POST", "/api/v1/sessions"), ("POST", "/login")}
"""Doors that answer 401 to a wrong password, which is what is sent here."""
ENDS_THE_SESSION = ("POST", "/logout")
CHANGES_NOTHING = {
    ("POST", "/api/v1/schemes/checks"),
    ("POST", "/api/v1/areas/previews"),
    ("POST", "/api/v1/layers/<name>/preview"),
    ("POST", "/preferences"),
}
STAYS_AS_IT_IS = {("POST", "/api/v1/jobs/<int:job>/cancel")}
"""Doors without a key: asked again, all that is added is that it was asked again."""
PHOTOS = {"/api/v1/photos", "/api/v1/parts/<code>/photos"}
POST_OF = {post: username for username, post, _, area in reversed(PEOPLE) if not area}


@pytest.fixture(scope="module")
def city(template, tmp_path_factory):
    for address in clone(template):
        app = create_app(config_for(address, tmp_path_factory.mktemp("doors")))
        yield app, sound(furnish(app))
        app.extensions["engine"].dispose()


def knock(
    app: Flask, client: Any, method: str, rule: Any, sent: Sent, headers: dict[str, str]
) -> TestResponse:
    """Send ``sent`` to the door of ``rule``."""
    path = app.url_map.bind("localhost").build(rule.endpoint, sent.args, method=method)
    body: dict[str, Any] = {"json": sent.body} if method != "GET" and sent.body is not None else {}
    if sent.form:
        body = {"data": sent.body}
    if rule.rule in PHOTOS and method == "POST":
        body = {"data": {"file": (BytesIO(picture()), "a.jpg")}}
    query = None if sent.query == {} else sent.query
    return client.open(path, method=method, query_string=query, headers=headers, **body)


def picture() -> bytes:
    from PIL import Image  # noqa: PLC0415

    stream = BytesIO()
    Image.new("RGB", (32, 32), "red").save(stream, "JPEG")
    return stream.getvalue()


def doors(city: Any) -> list[Any]:
    app, known = city
    return [(m, r, request_for(known, m, r)) for m, r in routes(app)]


def key_of(program: Program) -> dict[str, str]:
    return {**program.headers, "Idempotency-Key": str(uuid4())}


def ask(app: Flask, question: str, **binds: Any) -> list[Any]:
    with app.extensions["sessions"].begin() as session:
        return session.execute(text(question), binds).all()


def test_nobody_comes_in_without_signing_in(city: Any) -> None:
    app, _ = city
    wrong = []
    for method, rule, sent in doors(city):
        client = app.test_client()
        status = knock(app, client, method, rule, sent, {}).status_code
        page = method == "GET" and not rule.rule.startswith(("/api/", "/tiles/"))
        closed = status == 401 or (page and status == 302)
        if needed(app, rule) != PUBLIC and not closed:
            wrong.append((method, rule.rule, status))
    assert wrong == []


@pytest.mark.parametrize("post", PERMISSIONS)
def test_each_post_passes_the_doors_of_its_permissions_and_no_others(city: Any, post: str) -> None:
    app, _ = city
    wrong = []
    for method, rule, sent in doors(city):
        if (method, rule.rule) in SIGNING_IN | {ENDS_THE_SESSION}:
            continue
        permission = needed(app, rule)
        program = Program(app, POST_OF[post])
        allowed = permission in {PUBLIC, SIGNED_IN} or permission in PERMISSIONS[post]
        before = ask(app, "SELECT count(*) FROM audit WHERE action = 'denied'")
        status = knock(app, program.client, method, rule, sent, key_of(program)).status_code
        if allowed and (method, rule.rule) in BY_ACTION:
            continue
        if (status in {401, 403}) is allowed or status >= 500:
            wrong.append((method, rule.rule, status))
        after = ask(app, "SELECT count(*) FROM audit WHERE action = 'denied'")
        if not allowed and after == before:
            wrong.append((method, rule.rule, "the denial was not written down"))
    assert wrong == []


def changing(city: Any) -> list[Any]:
    return [one for one in doors(city) if one[0] != "GET"]


def test_a_browser_with_a_foreign_or_stale_page_changes_nothing(city: Any) -> None:
    app, _ = city
    wrong = []
    token = Program(app, "admin").headers["Authorization"].removeprefix("Bearer ")
    for method, rule, sent in changing(city):
        for headers in (
            {},
            {"X-CSRF-Token": "guessed"},
            {"X-CSRF-Token": "x", "Sec-Fetch-Site": "cross-site"},
            {"X-CSRF-Token": "x", "Sec-Fetch-Site": "same-site"},
        ):
            client = app.test_client()
            client.set_cookie("wanmi", token)
            status = knock(app, client, method, rule, sent, headers).status_code
            if status != 403:
                wrong.append((method, rule.rule, headers, status))
    assert wrong == []


LINES = "SELECT count(*) FROM audit WHERE action <> 'denied'"
COUNTED = (
    "SELECT coalesce(jsonb_object_agg(t, n), '{}') FROM (SELECT table_name AS t,"
    " (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || quote_ident(table_name),"
    "  false, true, '')))[1]::text AS n FROM information_schema.tables"
    " WHERE table_schema = 'public' AND table_type = 'BASE TABLE') x"
)


def test_every_change_is_written_down_and_the_same_key_never_makes_two(
    template: str, tmp_path: Any
) -> None:
    for address in clone(template):
        app = create_app(config_for(address, tmp_path))
        known = sound(furnish(app))
        ask(app, "INSERT INTO post_permissions SELECT DISTINCT 'admin', permission"
            " FROM post_permissions ON CONFLICT DO NOTHING RETURNING 1")  # fmt: skip
        silent, doubled, tried = [], [], 0
        for method, rule, sent in changing((app, known)):
            if (method, rule.rule) in SIGNING_IN | CHANGES_NOTHING | {ENDS_THE_SESSION}:
                continue
            program = Program(app, "admin")
            headers, lines = key_of(program), ask(app, LINES)
            first = knock(app, program.client, method, rule, sent, headers)
            if first.status_code >= 300:
                continue
            tried += 1
            if ask(app, LINES) == lines:
                silent.append((method, rule.rule))
            if (method, rule.rule) in STAYS_AS_IT_IS:
                continue
            (before,) = ask(app, COUNTED)
            again = knock(app, program.client, method, rule, sent, headers)
            (after,) = ask(app, COUNTED)
            if before != after or (again.status_code < 300 and again.data != first.data):
                doubled.append((method, rule.rule, again.status_code))
        app.extensions["engine"].dispose()
        assert (silent, doubled) == ([], []), "\n".join(map(str, [*silent, "--", *doubled]))
        assert tried >= 30
