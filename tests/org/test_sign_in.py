"""Signing in: sessions, lockout, form tokens, other sites."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.kernel import clock
from tests.city import PASSWORD, Program


def sign_in(client, username="dispatcher", password=PASSWORD):
    return client.post("/login", data={"username": username, "password": password})


def token_of(page):
    return page.text.split('name="csrf" content="')[1].split('"')[0]


def test_a_password_opens_a_session_and_leads_to_the_posts_page(client):
    reply = sign_in(client)
    assert (reply.status_code, reply.location) == (303, "/desk")
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_only_the_hash_of_the_token_is_kept(client, sessions):
    value = sign_in(client).headers["Set-Cookie"].split("=")[1].split(";")[0]
    with sessions.begin() as session:
        kept = session.scalars(text("SELECT token_hash FROM sign_ins")).all()
    assert value.encode() not in [bytes(k) for k in kept]


def test_a_wrong_name_and_a_wrong_password_are_told_the_same(client):
    one = client.post("/api/v1/sessions", json={"username": "evaluator", "password": "x"})
    other = client.post("/api/v1/sessions", json={"username": "nobody", "password": "x"})
    assert (one.status_code, other.status_code) == (401, 401)
    assert one.json["detail"] == other.json["detail"]


def test_five_wrong_passwords_lock_the_account_for_half_an_hour(client, monkeypatch):
    wrong = {"username": "gardens", "password": "x"}
    statuses = [client.post("/api/v1/sessions", json=wrong).status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    right = {"username": "gardens", "password": PASSWORD}
    locked = client.post("/api/v1/sessions", json=right)
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 60
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.post("/api/v1/sessions", json=right).status_code == 201


def test_a_program_signs_in_and_learns_who_it_is(client):
    body = {"username": "sanitation", "password": PASSWORD}
    token = client.post("/api/v1/sessions", json=body).json["token"]
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json
    assert (me["username"], me["post"]) == ("sanitation", "department")
    assert me["scopes"] == {"area": "", "department": "HW"}
    assert "case.handle" in me["permissions"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "x"},
        {"username": ["x"], "password": "y"},
        {"username": "a\0", "password": "y"},
        {"username": "x" * 101, "password": "y"},
        {"username": "x", "password": "y" * 129},
    ],
)
def test_a_malformed_sign_in_is_refused(client, body):
    assert 400 <= client.post("/api/v1/sessions", json=body).status_code < 500


def test_without_a_session_pages_lead_to_the_sign_in_and_the_api_says_so(client):
    page = client.get("/desk?state=filed&kind=0102")
    assert page.status_code == 302
    assert page.location == "/login?next=%2Fdesk%3Fstate%3Dfiled%26kind%3D0102"
    assert client.get("/api/v1/cases").status_code == 401
    assert client.get("/tiles/cells/10/1/1.mvt").status_code == 401


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(client, wanted):
    reply = client.post(
        "/login", data={"username": "dispatcher", "password": PASSWORD, "next": wanted}
    )
    assert reply.location == "/desk"


def test_a_write_with_the_cookie_needs_the_pages_token(client):
    sign_in(client, "leader1")
    body = {"kind": "0102", "lon": 118.2005, "lat": 36.6005}
    assert client.post("/api/v1/cases", json=body).status_code == 403
    wrong = client.post("/api/v1/cases", json=body, headers={"X-CSRF-Token": "x"})
    assert wrong.status_code == 403
    right = {"X-CSRF-Token": token_of(client.get("/desk"))}
    assert client.post("/api/v1/cases", json=body, headers=right).status_code == 201
    foreign = {**right, "Sec-Fetch-Site": "cross-site"}
    assert client.post("/api/v1/cases", json=body, headers=foreign).status_code == 403


def test_signing_out_ends_the_session(client):
    sign_in(client)
    token = token_of(client.get("/desk"))
    assert client.post("/logout", data={"csrf_token": token}).status_code == 303
    assert client.get("/desk").status_code == 302


def test_a_session_nobody_used_is_over(app, sessions):
    program = Program(app, "evaluator")
    assert program.get("/api/v1/me").status_code == 200
    with sessions.begin() as session:
        session.execute(text("UPDATE sign_ins SET seen_at = now() - interval '13 hours'"))
    assert program.get("/api/v1/me").status_code == 401


def test_a_changed_permission_holds_at_once(app, sessions):
    program = Program(app, "commander")
    assert program.get("/api/v1/feed").status_code == 200
    change = text("UPDATE people SET active = :on WHERE username = 'commander'")
    with sessions.begin() as session:
        session.execute(change, {"on": False})
    assert program.get("/api/v1/feed").status_code == 401
    with sessions.begin() as session:
        session.execute(change, {"on": True})


def test_the_language_is_chinese_until_somebody_chooses(client):
    assert "登录" in client.get("/login").text
    client.post("/preferences", data={"locale": "en", "theme": "dark"})
    assert "Sign in" in client.get("/login").text
