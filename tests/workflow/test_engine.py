"""Flows as data: what may be published, and what the database does with it."""

import copy

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.cases import rules
from app.kernel.errors import Refused
from app.org.rules import PERMISSIONS
from app.workflow import service
from app.workflow.engine import problems, read
from seed_data.standard.load import flow_document

WORDS = {
    "guards": rules.GUARDS,
    "effects": rules.EFFECTS,
    "permissions": {"system"}.union(*PERMISSIONS.values()),
    "fields": rules.FIELDS,
}


def test_the_standard_flow_may_be_published():
    assert problems(read(0, flow_document()), **WORDS) == []


def spoil(path, value):
    document = copy.deepcopy(flow_document())
    *way, last = path
    place = document
    for key in way:
        place = place[key]
    place[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        (("moves", 0, "guards"), ["magic"], "ask_confirm: unknown guard magic"),
        (("moves", 0, "effects"), ["magic"], "ask_confirm: unknown effect magic"),
        (("moves", 0, "permission"), "all", "ask_confirm: unknown permission all"),
        (("moves", 0, "target"), "moon", "ask_confirm: unknown state moon"),
        (("moves", 1, "action"), "accept", "confirming has no way"),
        (("moves", 0, "asks", 0, "name"), "mood", "ask_confirm: unknown field mood"),
        (("moves", 2, "action"), "reject", "reported has two rows for reject"),
        (("states", "filed", "limit"), None, "filed has no limit"),
        (("states", "island"), {"stage": "handle", "label": "I", "limit": "condition"},
         "island cannot be reached"),
        (("states", "filed", "stage"), "handle", "no state belongs to stage dispatch"),
        (("states", "closed", "end"), False, "closed has no limit"),
    ],
)  # fmt: skip
def test_a_broken_draft_says_what_is_wrong(path, value, complaint):
    if path == ("moves", 1, "action"):
        document = flow_document()
        document["moves"] = [m for m in document["moves"] if m["source"] != "confirming"]
    else:
        document = spoil(path, value)
    assert any(complaint in said for said in problems(read(0, document), **WORDS))


def test_a_broken_draft_is_not_published(sessions):
    with pytest.raises(Refused, match="cannot be published"), sessions.begin() as session:
        service.publish(session, "x", spoil(("moves", 0, "guards"), ["magic"]), **WORDS)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE cases SET state = 'verified' WHERE state = 'reported'", "no way from"),
        ("DELETE FROM cases", "append-only"),
        ("UPDATE case_steps SET action = 'x'", "append-only"),
        ("DELETE FROM case_steps", "append-only"),
        ("TRUNCATE case_steps CASCADE", "append-only"),
        ("UPDATE audit SET result = 'x'", "append-only"),
        ("DELETE FROM audit", "append-only"),
    ],
)
def test_the_database_itself_refuses_what_no_flow_allows(api, sessions, statement, says):
    body = {"kind": "0102", "lon": 118.2005, "lat": 36.6005, "description": "x"}
    assert api("inspector").post("/api/v1/cases", body).status_code == 201
    with pytest.raises(DBAPIError, match=says), sessions.begin() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("post", "states"),
    [
        ("inspector", ("reported", "confirming", "verifying")),
        ("agent", ("reported", "accepted", "handled", "verified")),
        ("dispatcher", ("filed",)),
        ("department", ("dispatched", "handling", "suspended")),
        ("leader", ()),
    ],
)
def test_a_post_is_waited_for_where_it_moves_cases_on(post, states):
    flow = read(1, flow_document())
    assert flow.waiting_for(PERMISSIONS[post]) == states


def test_in_each_state_the_one_who_leads_it_on_is_waited_for():
    flow = read(1, flow_document())
    turns = {state: flow.waits_on(state) for state in flow.states if flow.waits_on(state)}
    assert turns == {
        "reported": "case.accept",
        "confirming": "case.inspect",
        "accepted": "case.file",
        "filed": "case.dispatch",
        "dispatched": "case.handle",
        "handling": "case.handle",
        "suspended": "case.handle",
        "handled": "case.ask_verify",
        "verifying": "case.inspect",
        "verified": "case.close",
    }
