"""One thousand times two people act on one case at the same moment: exactly one of them wins."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from app import create_app
from app.cases import reconcile, service
from app.cases.forms import ReportForm, StepForm
from app.kernel.clock import now
from app.kernel.errors import Conflict, Forbidden, NotFound, Refused
from tests.city import INSIDE, actors
from tests.conftest import clone, config_for

LON, LAT = INSIDE
ROUNDS = 125
PAIRS = (
    ("reported", ("leader1", "accept", {}), ("agent", "reject", {"reason": "x"})),
    ("reported", ("leader1", "accept", {}), ("inspector", "self_handle", {"photos": 2})),
    ("reported", ("agent", "reject", {"reason": "x"}), ("leader1", "merge", {"into": 1})),
    ("handling", ("sanitation", "report_done", {"photos": 1}), ("leader1", "return", {})),
    ("handling", ("leader1", "return", {}), ("leader1", "refuse_return", {"reason": "x"})),
    ("handling", ("sanitation", "withdraw_return", {}), ("leader1", "return", {})),
    ("filed", ("dispatcher", "dispatch", {}), ("dispatcher", "divide", {"departments": 2})),
    ("filed", ("dispatcher", "dispatch", {}), ("leader1", "ask_void", {"reason": "x"})),
)
WAY = {
    "reported": (),
    "filed": (("leader1", "accept", {}), ("leader1", "file", {})),
    "handling": (
        ("leader1", "accept", {}),
        ("leader1", "file", {}),
        ("dispatcher", "dispatch", {}),
        ("sanitation", "sign", {}),
        ("sanitation", "ask_return", {"reason": "x"}),
    ),
}
PHOTO = text(
    "INSERT INTO photos (sha256, original_sha256, bytes, width, height, uploader_id)"
    " VALUES ('x', 'x', 1, 1, 1, 1) RETURNING id::text"
)
UNMERGED = text("SELECT uid::text FROM cases WHERE uid IN (:a, :b) AND merged_into IS NULL")
NOW_AT = text("SELECT state, steps FROM cases WHERE uid = :uid")


class Town:
    """The small city, where anybody may act at any moment."""

    def __init__(self, app):
        self.app, self.sessions = app, app.extensions["sessions"]
        with self.sessions() as session:
            self.people = actors(session)
            ask = "SELECT min(id)::text FROM conditions WHERE kind = 'E0102'"
            self.condition = session.execute(text(ask)).scalar_one()

    def work(self, does):
        with self.app.app_context(), self.sessions.begin() as session:
            return does(session)

    def report(self):
        body = {"kind": "0102", "lon": LON, "lat": LAT, "description": "同时", "source": "01"}
        who = self.people["inspector"]
        form = ReportForm.read(body, who)
        return self.work(lambda s: service.report(s, form, actor=who, at=now()))["uid"]

    def answers(self, given):
        """Return answers to whatever may be asked; numbers stand for so many of a thing."""
        found = {"department": "HW", "condition": self.condition, "result": "x", **given}
        if "photos" in given:
            found["photos"] = [
                self.work(lambda s: s.execute(PHOTO).scalar_one()) for _ in range(given["photos"])
            ]
        if "departments" in given:
            found["departments"] = ["HW", "YL"]
        if given.get("into") == 1:
            found["into"] = self.report()
        return found

    def act(self, uid, who, action, answers, seen):
        form = StepForm(action, seen, answers)
        return self.work(lambda s: service.act(s, uid, form, actor=self.people[who], at=now()))

    def case_in(self, state):
        uid = self.report()
        for seen, (who, action, given) in enumerate(WAY[state], start=1):
            self.act(uid, who, action, self.answers(given), seen)
        return uid, len(WAY[state]) + 1

    def tries(self, gate, uid, seen, step):
        who, action, given = step
        gate.wait()
        try:
            self.act(uid, who, action, given, seen)
        except (Conflict, Refused, Forbidden, NotFound):
            return False
        return True


@pytest.fixture(scope="module")
def town(template, tmp_path_factory):
    for database in clone(template):
        app = create_app(config_for(database, tmp_path_factory.mktemp("pairs")))
        yield Town(app)
        app.extensions["engine"].dispose()


def race(town, first, second):
    """Let two calls begin together; return who won."""
    gate = threading.Barrier(2)
    with ThreadPoolExecutor(2) as both:
        ran = [both.submit(town.tries, gate, *one) for one in (first, second)]
        return [one.result() for one in ran]


@pytest.mark.parametrize(
    ("state", "one", "other"), PAIRS, ids=lambda p: p if isinstance(p, str) else p[1]
)
def test_of_two_who_act_at_once_exactly_one_wins(town, state, one, other):
    winners = {0: 0, 1: 0}
    for _ in range(ROUNDS):
        uid, seen = town.case_in(state)
        steps = [(who, action, town.answers(given)) for who, action, given in (one, other)]
        won = race(town, *((uid, seen, step) for step in steps))
        assert sum(won) == 1, (uid, won)
        winners[won.index(True)] += 1
    assert sum(winners.values()) == ROUNDS


def test_of_two_mergers_the_wrong_way_round_one_wins(town):
    for _ in range(40):
        a, b = town.report(), town.report()
        won = race(
            town,
            (a, 1, ("leader1", "merge", {"into": b})),
            (b, 1, ("agent", "merge", {"into": a})),
        )
        assert sum(won) == 1
        kept = town.work(lambda s, a=a, b=b: s.scalars(UNMERGED, {"a": a, "b": b}).all())
        assert kept == [b if won[0] else a]


def test_the_last_two_parts_that_end_together_close_the_whole_once(town):
    parts = text(
        "SELECT k.uid::text FROM cases k JOIN cases p ON p.id = k.parent_id WHERE p.uid = :uid"
    )
    for _ in range(25):
        uid, seen = town.case_in("filed")
        town.act(uid, "dispatcher", "divide", {"departments": ["HW", "YL"]}, seen)
        both = town.work(lambda s, uid=uid: s.scalars(parts, {"uid": uid}).all())
        for part in both:
            town.act(part, "leader1", "ask_force_close", {"reason": "x"}, 1)
        won = race(town, *((part, 2, ("mayor", "force_close", {})) for part in both))
        assert won == [True, True]
        found = town.work(lambda s, uid=uid: s.execute(NOW_AT, {"uid": uid}).one())
        assert tuple(found) == ("closed", seen + 2)


def test_after_all_races_the_records_agree(town):
    found = town.work(lambda s: reconcile.differences(s, town.app.config["FILES"]))
    # The pictures of this file were never on disk.
    assert [one for one in found if one["what"] != "a photo is not on disk"] == []
