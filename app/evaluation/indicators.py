"""The basic indicators (基础指标) that are counted: their numbers, for whom, and from what.

Pure.  Numbers are stored, so one that was given is never given again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import sentence

SIDES: Mapping[str, int] = {
    "department": 1,
    "cell": 2,
    "inspector": 3,
    "agent": 4,
    "shift_leader": 5,
    "dispatcher": 6,
    "district": 7,
    "street": 8,
    "community": 9,
}
"""Numbers of the sides a case counts on; the last three are summed from cells, never marked."""
AREAS: Mapping[str, int] = {"districts": 6, "streets": 9, "communities": 12}
"""How much of a cell's code names the area it lies in (CJ/T 214)."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A basic indicator: its number, on which sides it is counted, and from what (a msgid)."""

    number: int
    sides: str
    counted: str


BODY, AREA, FIELD, AGENT = "department", "cell", "inspector", "agent"
LEADER, SENDER = "shift_leader", "dispatcher"
INDICATORS: Mapping[str, Indicator] = {
    "report_num": Indicator(1, f"{AREA} {FIELD}", sentence("Reports, on the day they were made")),
    "inspector_report_num": Indicator(2, f"{AREA} {FIELD}", sentence("Reports of inspectors")),
    "public_report_num": Indicator(
        3, AREA, sentence("Reports by telephone, web, app, media and petition")
    ),
    "valid_report_num": Indicator(
        4,
        f"{AREA} {FIELD}",
        sentence("Reports that were accepted, neither merged nor void nor refused"),
    ),
    "public_confirmed_num": Indicator(
        5, AREA, sentence("Public reports that were confirmed true and filed, on the day of filing")
    ),
    "accept_num": Indicator(6, AGENT, sentence("The agent's steps that accepted a report")),
    "not_accept_num": Indicator(7, AGENT, sentence("The agent's steps that refused a report")),
    "confirm_need_num": Indicator(
        8,
        f"{FIELD} {AGENT}",
        sentence("Confirm tasks, at the deadline or at the answer if earlier"),
    ),
    "confirm_num": Indicator(9, FIELD, sentence("Confirm tasks that were answered")),
    "confirm_intime_num": Indicator(10, FIELD, sentence("Confirm tasks answered by the deadline")),
    "confirm_dispatch_need_num": Indicator(
        11, AGENT, sentence("Confirm tasks sent, on the day the sending was due or done")
    ),
    "confirm_dispatch_intime_num": Indicator(
        12, AGENT, sentence("Confirm tasks sent before the clock of the report ran out")
    ),
    "inst_num": Indicator(
        13,
        f"{BODY} {AREA} {FIELD} {LEADER}",
        sentence("Cases filed; for shift leaders with those voided later"),
    ),
    "inst_need_num": Indicator(14, LEADER, sentence("Decisions to file or to decline")),
    "inst_intime_num": Indicator(
        15, LEADER, sentence("Decisions to file or to decline before their clock ran out")
    ),
    "not_inst_num": Indicator(16, LEADER, sentence("Decisions to decline")),
    "cancel_num": Indicator(
        17, LEADER, sentence("Filed cases that are void now, on the day they were filed")
    ),
    "accur_inst_num": Indicator(18, LEADER, sentence("Filed cases that are not void")),
    "dispatch_need_num": Indicator(
        19, SENDER, sentence("Dispatches, on the day they were due or done if earlier")
    ),
    "dispatch_num": Indicator(
        20, f"{BODY} {SENDER}", sentence("Dispatches; for a department those it was sent")
    ),
    "dispatch_intime_num": Indicator(
        21, SENDER, sentence("Dispatches before the clock of the filed case ran out")
    ),
    "dispatch_wrong_num": Indicator(
        22, SENDER, sentence("Dispatches that came back by a return that was granted")
    ),
    "accur_dispatch_num": Indicator(23, SENDER, sentence("Dispatches that did not come back")),
    "dispose_need_num": Indicator(
        24,
        BODY,
        sentence("Cases whose handling was due, at the deadline or when handled if earlier"),
    ),
    "dispose_num": Indicator(25, BODY, sentence("Of those due: handled by now")),
    "dispose_intime_num": Indicator(
        26, BODY, sentence("Of those due: handled by the deadline with extensions, or exempted")
    ),
    "dispose_overtime_num": Indicator(27, BODY, sentence("Of those due: handled late")),
    "overtime_to_dispose_num": Indicator(28, BODY, sentence("Of those due: late and not handled")),
    "verify_need_num": Indicator(
        29,
        f"{FIELD} {AGENT}",
        sentence("Verify tasks, at the deadline or at the answer if earlier"),
    ),
    "verify_num": Indicator(30, FIELD, sentence("Verify tasks that were answered")),
    "verify_intime_num": Indicator(31, FIELD, sentence("Verify tasks answered by the deadline")),
    "verify_dispatch_intime_num": Indicator(
        32, AGENT, sentence("Verify tasks sent before the clock of the handled case ran out")
    ),
    "verify_fail_num": Indicator(
        33,
        f"{BODY} {FIELD}",
        sentence("Verifications that failed, each time for who had done the work"),
    ),
    "archive_need_num": Indicator(
        34,
        f"{BODY} {AREA} {LEADER}",
        sentence("Cases to be closed, at the total limit or when closed if earlier"),
    ),
    "archive_num": Indicator(
        35, f"{BODY} {AREA} {LEADER}", sentence("Of those to be closed: closed by now")
    ),
    "archive_intime_num": Indicator(
        36,
        f"{BODY} {AREA} {LEADER}",
        sentence("Of those to be closed: closed in time, or exempted"),
    ),
    "archive_overtime_num": Indicator(
        37, f"{BODY} {AREA}", sentence("Of those to be closed: closed late or by force")
    ),
    "overtime_to_archive_num": Indicator(
        38, f"{BODY} {AREA}", sentence("Of those to be closed: late and not closed")
    ),
    "rework_num": Indicator(39, BODY, sentence("Reworks, for the department that did the work")),
    "back_num": Indicator(40, f"{BODY} {SENDER}", sentence("Returns that were granted")),
    "shirk_num": Indicator(41, BODY, sentence("Returns that were refused")),
    "postpone_num": Indicator(42, BODY, sentence("Extensions that were granted")),
    "hang_num": Indicator(
        44,
        f"{BODY} {AREA}",
        sentence("Cases suspended and not resumed, on the day of the suspension"),
    ),
    "urge_num": Indicator(45, BODY, sentence("Urges while the department held the case")),
    "supervise_num": Indicator(
        46, BODY, sentence("Supervision orders while the department held the case")
    ),
    "patrol_deal_num": Indicator(
        47, FIELD, sentence("Problems handled by the inspector on the spot")
    ),
    "miss_report_num": Indicator(
        48,
        FIELD,
        sentence("Public reports, found true, from a beat and shift the inspector walked"),
    ),
    "urgent_num": Indicator(
        49, f"{BODY} {AREA}", sentence("Filed cases whose limit runs in urgent working hours")
    ),
    "urgent_archive_num": Indicator(
        54, f"{BODY} {AREA}", sentence("Of the urgent cases filed: closed by now")
    ),
    "urgent_archive_intime_num": Indicator(
        55, f"{BODY} {AREA}", sentence("Of the urgent cases filed: closed in time, or exempted")
    ),
    "rework_case_num": Indicator(56, BODY, sentence("Cases sent back for rework, at the first")),
    "rework_thrice_num": Indicator(
        57, BODY, sentence("Cases sent back for rework a third time, at the third")
    ),
    "beat_cell_num": Indicator(
        52, FIELD, sentence("Cells of the inspector's beats, each day on shift")
    ),
    "walked_cell_num": Indicator(
        53, FIELD, sentence("Of those: cells with a position of the inspector during the shift")
    ),
}
UNKNOWN: Mapping[str, str] = {
    "slow_num": sentence("No deferral (缓办) is known beside the suspension (挂账)"),
    "satisfied_num": sentence("Callers are asked outside: see the outside marks"),
    "callback_num": sentence("Callers are asked outside: see the outside marks"),
}
"""Basic indicators of the standard that nothing here tells, and why: they have no data."""
CODES: Mapping[int, str] = {one.number: code for code, one in INDICATORS.items()}
_NAMED = re.compile(r"([#@])([a-z_]+)")


def numbered(statement: str) -> str:
    """Return ``statement`` with numbers for ``#indicator`` and ``@side``; ``KeyError`` if unknown.

    >>> numbered("side = @cell AND indicator = #report_num")
    'side = 2 AND indicator = 1'
    """
    return _NAMED.sub(
        lambda m: str(INDICATORS[m[2]].number if m[1] == "#" else SIDES[m[2]]), statement
    )
