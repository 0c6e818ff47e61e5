"""The branches of the workflow as stories: who does what to one case, in words both drivers know.

A driver plays them over the API (``test_branches_over_the_api``) or on the pages
(``tests/browser/test_branches_on_the_pages``).  An answer that begins with ``@`` is made by the
driver: ``@photo`` one picture, ``@photos`` two, ``@first`` the first choice offered, ``@person:x``
somebody of the small city, ``@other`` another case, ``@in:30`` the day in thirty days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody takes an action; afterwards the case stands in ``state``."""

    who: str
    action: str
    state: str
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Never:
    """Somebody looks at the case and is not offered an action."""

    who: str
    action: str


@dataclass(frozen=True, slots=True)
class Later:
    """Time passes: ``overdue`` the deadline has gone by, ``woken`` the suspension has ended."""

    what: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What the page of the case says afterwards, by the name of its field."""

    name: str
    value: Any


Step = Act | Never | Later | Fact


@dataclass(frozen=True, slots=True)
class Story:
    """A case from its report to the end of a branch."""

    name: str
    steps: tuple[Step, ...]
    reporter: str = "inspector"
    source: str = "01"


ACCEPT = Act("leader1", "accept", "accepted", {"kind": "@first"})
FILE = Act("leader1", "file", "filed", {"condition": "@first"})
DISPATCH = Act("dispatcher", "dispatch", "dispatched", {"department": "HW"})
SIGN = Act("sanitation", "sign", "handling")
DONE = Act("sanitation", "report_done", "handled", {"result": "已清理", "photos": "@photo"})
ASK_VERIFY = Act("leader1", "ask_verify", "verifying", {"inspector": "@person:inspector2"})
PASSED = Act("inspector2", "verify", "verified", {"passed": True})
FAILED = Act("inspector2", "verify", "verified", {"passed": False, "note": "仍有垃圾"})
CLOSE = Act("leader1", "close", "closed")
FILED = (ACCEPT, FILE)
HELD = (*FILED, DISPATCH, SIGN)
TO_THE_END = (DONE, ASK_VERIFY, PASSED, CLOSE)

STORIES = (
    Story("an inspector's report goes all the way", (*HELD, *TO_THE_END)),
    Story(
        "a caller's report is confirmed on site before it is accepted",
        (
            Never("agent", "accept"),
            Act("agent", "ask_confirm", "confirming", {"inspector": "@person:inspector"}),
            Never("inspector2", "confirm"),
            Act("inspector", "confirm", "reported", {"found": True, "result": "确有垃圾"}),
            Fact("confirmed", True),
            Act("agent", "accept", "accepted", {"kind": "@first"}),
            FILE,
            DISPATCH,
            SIGN,
            *TO_THE_END,
        ),
        reporter="agent",
        source="02",
    ),
    Story(
        "what nobody finds on site is not accepted",
        (
            Act("agent", "ask_confirm", "confirming", {"inspector": "@person:inspector"}),
            Act("inspector", "confirm", "reported", {"found": False, "result": "现场无垃圾"}),
            Never("agent", "accept"),
            Act("agent", "reject", "rejected", {"reason": "现场核实无此问题"}),
        ),
        reporter="agent",
        source="03",
    ),
    Story(
        "an order from above is filed and dispatched at once",
        (*HELD, *TO_THE_END),
        reporter="agent",
        source="09",
    ),
    Story(
        "an inspector settles a small thing on the spot",
        (
            Never("inspector2", "self_handle"),
            Act("inspector", "self_handle", "closed", {"result": "已扶正", "photos": "@photos"}),
            Fact("self_handled", True),
        ),
    ),
    Story(
        "a wrong dispatch is returned and goes to another department",
        (
            *HELD,
            Act("sanitation", "ask_return", "handling", {"reason": "非我单位职责"}),
            Never("sanitation", "return"),
            Never("dispatcher", "return"),
            Act("leader1", "return", "filed", {"note": "重新派遣"}),
            Fact("returns", 1),
            Fact("department", None),
            Act("dispatcher", "dispatch", "dispatched", {"department": "YL"}),
            Act("gardens", "sign", "handling"),
            Act("gardens", "report_done", "handled", {"result": "已清理", "photos": "@photo"}),
            ASK_VERIFY,
            PASSED,
            CLOSE,
        ),
    ),
    Story(
        "a return that is refused stays with the department",
        (
            *HELD,
            Act("sanitation", "ask_return", "handling", {"reason": "非我单位职责"}),
            Act("leader1", "refuse_return", "handling", {"reason": "属于环卫职责"}),
            Fact("returns", 0),
            Never("leader1", "return"),
            *TO_THE_END,
        ),
    ),
    Story(
        "a limit is extended twice, the second time by two levels, never a third time",
        (
            *HELD,
            Act("sanitation", "ask_extend", "handling", {"reason": "雨天"}),
            Never("sanitation", "ask_suspend"),
            Act("leader1", "extend", "handling"),
            Fact("extensions", 1),
            Act("sanitation", "ask_extend", "handling", {"reason": "仍在下雨"}),
            Never("leader1", "extend"),
            Act("leader1", "review_extend", "handling", {"note": "情况属实"}),
            Never("leader1", "extend"),
            Act("mayor", "extend", "handling"),
            Fact("extensions", 2),
            Never("sanitation", "ask_extend"),
            *TO_THE_END,
        ),
    ),
    Story(
        "a case is suspended for the season and goes on by itself",
        (
            *HELD,
            Act("sanitation", "ask_suspend", "handling", {"reason": "待春季", "until": "@in:30"}),
            Act("leader1", "review_suspend", "handling"),
            Act("mayor", "suspend", "suspended"),
            Fact("lamp", "none"),
            Later("woken"),
            Fact("state", "handling"),
            Never("sanitation", "ask_suspend"),
            *TO_THE_END,
        ),
    ),
    Story(
        "a department resumes before its suspension ends",
        (
            *HELD,
            Act("sanitation", "ask_suspend", "handling", {"reason": "待材料", "until": "@in:9"}),
            Act("leader1", "review_suspend", "handling"),
            Act("mayor", "suspend", "suspended"),
            Act("sanitation", "resume", "handling", {"note": "材料已到"}),
            *TO_THE_END,
        ),
    ),
    Story(
        "a case filed by mistake is made void",
        (
            *FILED,
            Act("leader1", "ask_void", "filed", {"reason": "重复立案"}),
            Never("leader1", "void"),
            Act("mayor", "void", "void", {"note": "同意"}),
            Never("leader1", "dispatch"),
        ),
    ),
    Story(
        "failed verifications send a case back, each with a fresh limit",
        (
            *HELD,
            DONE,
            ASK_VERIFY,
            FAILED,
            Never("leader1", "close"),
            Act("leader1", "rework", "dispatched", {"reason": "未清理干净"}),
            SIGN,
            DONE,
            ASK_VERIFY,
            FAILED,
            Act("leader1", "rework", "dispatched", {"reason": "仍未清理干净"}),
            Fact("rework_count", 2),
            SIGN,
            *TO_THE_END,
        ),
    ),
    Story(
        "a closed case is reopened and verified again",
        (
            *HELD,
            *TO_THE_END,
            Act("leader1", "ask_reopen", "closed", {"reason": "市民反映又有垃圾"}),
            Act("mayor", "reopen", "verifying", {"inspector": "@person:inspector2"}),
            FAILED,
            Act("leader1", "rework", "dispatched", {"reason": "又有垃圾"}),
            SIGN,
            *TO_THE_END,
        ),
    ),
    Story(
        "a case that cannot be settled is closed by force",
        (
            *HELD,
            Act("leader1", "ask_force_close", "handling", {"reason": "地块已征收"}),
            Act("mayor", "force_close", "forced"),
        ),
    ),
    Story(
        "a second report is merged, and the merger is undone",
        (
            Act("leader1", "merge", "merged", {"into": "@other", "note": "同一处垃圾"}),
            Never("leader1", "accept"),
            Act("leader1", "unmerge", "reported", {"reason": "不是同一处"}),
            *HELD,
            *TO_THE_END,
        ),
    ),
    Story(
        "a case is divided among departments and closes with its parts",
        (
            *FILED,
            Act("dispatcher", "divide", "divided", {"departments": ["HW", "YL"]}),
            Later("parts closed"),
            Fact("state", "closed"),
        ),
    ),
    Story(
        "another department helps, and only then the work is done",
        (
            *HELD,
            Act("dispatcher", "ask_help", "handling", {"departments": ["YL"]}),
            Never("sanitation", "report_done"),
            Act("gardens", "end_help", "handling", {"result": "树枝已清", "photos": "@photo"}),
            *TO_THE_END,
        ),
    ),
    Story(
        "a department appeals against an overdue mark in two reviews",
        (
            *HELD,
            Never("sanitation", "ask_appeal"),
            Later("overdue"),
            Never("sanitation", "ask_extend"),
            Act("sanitation", "ask_appeal", "handling", {"reason": "道路封闭"}),
            Act("leader1", "review_appeal", "handling"),
            Act("mayor", "appeal", "handling"),
            Fact("exempt", True),
            *TO_THE_END,
        ),
    ),
    Story(
        "the desk sends an unclear result back, and the clock goes on where it was",
        (
            *HELD,
            DONE,
            Act("leader1", "send_back", "handling", {"reason": "照片看不清"}),
            *TO_THE_END,
        ),
    ),
)
