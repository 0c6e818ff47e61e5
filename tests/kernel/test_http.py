"""The edge: headers, errors, permissions, what a lost database looks like."""

import psycopg2
import pytest
from sqlalchemy.exc import OperationalError

from app.kernel import db
from app.kernel.auth import PUBLIC
from app.kernel.errors import Unavailable
from app.org.rules import PERMISSIONS
from tests.city import PEOPLE


def test_every_answer_carries_the_security_headers(client):
    for path in ("/login", "/healthz", "/api/v1/me", "/nowhere", "/static/css/cg.css"):
        headers = client.get(path, buffered=True).headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"].split("style-src-attr")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/api/v1/nowhere", 404),
        ("put", "/api/v1/cases", 405),
        ("delete", "/api/v1/cases", 405),
        ("get", "/nowhere", 404),
        ("post", "/desk", 405),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(client, method, path, status):
    reply = getattr(client, method)(path, headers={"Accept": "application/json"})
    assert reply.status_code == status
    assert reply.json["status"] == status
    assert reply.json["detail"]


def test_an_error_page_speaks_the_readers_language_and_names_the_request(client):
    reply = client.get("/nowhere", headers={"X-Request-ID": "abcdef123456"})
    assert "此地址没有内容" in reply.text
    assert "abcdef123456" in reply.text


def test_a_body_over_the_limit_is_refused(api):
    program = api("inspector")
    reply = program.client.post(
        "/api/v1/cases", data=b"x" * (14 * 1024 * 1024), headers=program.headers
    )
    assert reply.status_code == 413


class Torn(Exception):
    pgcode = "57P01"


def test_a_lost_database_is_a_503_that_says_when_to_come_back(api, monkeypatch, caplog):
    program = api("leader1")

    def torn(*args, **kwargs):
        raise OperationalError("SELECT", {}, Torn())

    monkeypatch.setattr("app.cases.queries.page", torn)
    reply = program.get("/api/v1/cases")
    # The operator reads why, and nothing of the statement or its values.
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    told = [line for line in lines if line["event"] == "unavailable"]
    assert [(line["cause"], line["sqlstate"]) for line in told] == [("Torn", "57P01")]
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "2")
    assert reply.json["code"] == "unavailable"


@pytest.mark.parametrize("state", ["57014", "55P03", "40P01", "53300", "57P01"])
def test_each_passing_trouble_of_the_database_may_be_retried(state):
    fault = OperationalError("x", {}, type("E", (Exception,), {"pgcode": state})())
    assert isinstance(db.as_unavailable(fault), Unavailable)


def test_a_server_that_dies_in_the_middle_of_an_answer_is_away():
    assert isinstance(db.as_unavailable(psycopg2.DatabaseError("closed")), Unavailable)
    assert db.as_unavailable(psycopg2.ProgrammingError("no such column")) is None


def test_a_fault_of_ours_is_told_without_its_trace(api, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.cases.queries.page", broken)
    reply = api("leader1").get("/api/v1/cases")
    assert reply.status_code == 500
    assert "secret" not in reply.text


def test_every_view_and_every_post_agree_with_the_permission_table(app, api):
    """Each page without parameters, asked for by each person: 403 exactly where the table says."""
    rules = [r for r in app.url_map.iter_rules() if "GET" in r.methods and not r.arguments]
    wrong = []
    for username, post, *_ in PEOPLE:
        program = api(username)
        for rule in rules:
            needed = getattr(app.view_functions[rule.endpoint], "permission", PUBLIC)
            allowed = needed in {PUBLIC, "signed_in"} or needed in PERMISSIONS[post]
            status = program.get(rule.rule).status_code
            if (status == 403) is allowed:
                wrong.append((username, rule.rule, status))
    assert wrong == []


def test_ready_says_what_is_wrong(client):
    reply = client.get("/readyz")
    assert reply.status_code == 200
    assert set(reply.json) == {"healthy", "issues"}
