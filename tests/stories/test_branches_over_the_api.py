"""Every branch of the workflow, played by programs."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.cases import reconcile, upkeep
from app.kernel.clock import local, now
from tests.city import INSIDE
from tests.stories.branches import STORIES, Act, Fact, Later, Never
from tests.stories.passing import end_parts, pass_deadline
from tests.stories.test_loop_over_the_api import photo

LON, LAT = INSIDE
REPORT = {"kind": "0102", "description": "路口有暴露垃圾", "lon": LON, "lat": LAT}


class Player:
    """Plays a story over the API and looks at the case as its actors do."""

    def __init__(self, api, sessions):
        self.api, self.sessions = api, sessions
        self.known, self.uid = {}, ""

    def program(self, who):
        if who not in self.known:
            self.known[who] = self.api(who)
        return self.known[who]

    def report(self, who, source):
        reply = self.program(who).post("/api/v1/cases", {**REPORT, "source": source})
        assert reply.status_code == 201, reply.text
        return reply.json["uid"]

    def case(self, who):
        return self.program(who).get(f"/api/v1/cases/{self.uid}").json

    def offered(self, who):
        return {one["action"]: one for one in self.case(who).get("actions", ())}

    def answer(self, given, ask, who):
        if not isinstance(given, str) or not given.startswith("@"):
            return given
        word, _, more = given[1:].partition(":")
        return {
            "photo": lambda: [photo(self.program(who))],
            "photos": lambda: [photo(self.program(who)), photo(self.program(who))],
            "first": lambda: ask["options"][0]["value"],
            "person": lambda: str(self.program(more).id),
            "other": lambda: self.report("inspector", "01"),
            "in": lambda: str(local(now()).date() + timedelta(days=int(more))),
        }[word]()

    def act(self, step):
        action = self.offered(step.who).get(step.action)
        assert action, f"{step.who} is not offered {step.action}"
        asks = {ask["name"]: ask for ask in action["asks"]}
        answers = {n: self.answer(v, asks[n], step.who) for n, v in step.answers.items()}
        body = {"action": step.action, "answers": answers, "seen": self.case(step.who)["seen"]}
        reply = self.program(step.who).post(f"/api/v1/cases/{self.uid}/steps", body)
        assert reply.status_code == 201, reply.text
        assert reply.json["state"] == step.state

    def never(self, step):
        assert step.action not in self.offered(step.who)
        seen = self.case("leader1")["seen"]
        body = {"action": step.action, "answers": {}, "seen": seen}
        reply = self.program(step.who).post(f"/api/v1/cases/{self.uid}/steps", body)
        assert 400 <= reply.status_code < 500
        assert self.case("leader1")["seen"] == seen

    def later(self, step):
        with self.sessions.begin() as session:
            if step.what == "overdue":
                pass_deadline(session, self.uid)
            elif step.what == "woken":
                until = text("SELECT suspended_until FROM cases WHERE uid = :uid")
                ends = session.execute(until, {"uid": self.uid}).scalar_one()
                assert upkeep.wake_suspended(session, at=ends - timedelta(minutes=1)) == 0
                assert upkeep.wake_suspended(session, at=ends) == 1
            else:
                end_parts(session, self.uid)

    def fact(self, step):
        assert self.case("leader1")[step.name] == step.value

    def play(self, story):
        self.uid = self.report(story.reporter, story.source)
        how = {Act: self.act, Never: self.never, Later: self.later, Fact: self.fact}
        for step in story.steps:
            how[type(step)](step)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_branch_over_the_api(api, sessions, story):
    player = Player(api, sessions)
    player.play(story)
    told = player.case("leader1")["steps"]
    assert [step["position"] for step in told] == list(range(1, len(told) + 1))
    assert all(step["action_label"] != step["action"] for step in told)


def test_nothing_of_the_stories_disagrees(sessions, app):
    with sessions.begin() as session:
        assert reconcile.differences(session, app.config["FILES"]) == []
