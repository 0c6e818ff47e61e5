"""What a photo proves, and what speaks against it: pure rules.

A score of 100 is a photo that nothing speaks against.  Each reason takes some of it away; a
serious one asks whoever files or closes the case for a decision.  The limits are proposed: the
standard asks for a warning beyond 100 m and says no more (standards §5.7).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.kernel.errors import sentence
from app.workflow.engine import Ask

OFF, FAR = 100.0, 300.0
"""Metres from the pin that are remarked on, and those that ask for a decision."""
APART = 200.0
"""Metres between what the camera and what the phone say that are remarked on."""
OLD, STALE = timedelta(hours=1), timedelta(hours=24)
AHEAD = timedelta(minutes=10)
ASK = Ask("evidence", "longtext", sentence("Why these photos are accepted all the same"))
"""What filing and closing ask for where a photo is reused or from far off."""
ASKING = {"file", "close"}
READERS = {"case.file", "case.close"}
"""Permissions whose holders are shown the evidence."""


@dataclass(frozen=True, slots=True)
class Shot:
    """All that is known about one photo of a case; distances in metres to the pin of the case.

    ``metres_apart`` is between camera and phone; ``track_metres`` is the nearest that the
    sender's track came within ten minutes; ``twin`` names an earlier case with the same picture,
    ``twin_step`` the earlier step of this one; ``bits`` of 64 differ.
    """

    photo: str
    shown_at: datetime
    taken_at: datetime | None = None
    camera_metres: float | None = None
    device_metres: float | None = None
    metres_apart: float | None = None
    track_metres: float | None = None
    twin: str | None = None
    twin_uid: str | None = None
    twin_step: int | None = None
    bits: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """One reason against a photo: what it takes from the score, and in which words it is said."""

    takes: int
    message: str
    facts: dict[str, Any]
    serious: bool = False


Check = Callable[[Shot], Remark | None]


def _reused(shot: Shot) -> Remark | None:
    facts = {"case": shot.twin, "bits": shot.bits, "step": shot.twin_step}
    if shot.twin_step is not None:
        return Remark(80, sentence("same picture as with step %(step)s of this case"), facts, True)
    if shot.twin is None:
        return None
    return Remark(80, sentence("same picture as in case %(case)s"), facts, True)


def _far(metres: float | None, off: str, far: str) -> Remark | None:
    if metres is None or metres <= OFF:
        return None
    serious = metres > FAR
    return Remark(
        50 if serious else 20, far if serious else off, {"metres": f"{metres:.0f}"}, serious
    )


def _camera(shot: Shot) -> Remark | None:
    said = sentence("taken %(metres)s m from the pin")
    return _far(shot.camera_metres, said, said)


def _device(shot: Shot) -> Remark | None:
    said = sentence("sent %(metres)s m from the pin")
    return _far(shot.device_metres, said, said)


def _apart(shot: Shot) -> Remark | None:
    if shot.metres_apart is None or shot.metres_apart <= APART:
        return None
    facts = {"metres": f"{shot.metres_apart:.0f}"}
    return Remark(20, sentence("camera and phone are %(metres)s m apart"), facts)


def _track(shot: Shot) -> Remark | None:
    if shot.track_metres is None or shot.track_metres <= FAR:
        return None
    facts = {"metres": f"{shot.track_metres:.0f}"}
    return Remark(
        30, sentence("the sender's track came no nearer than %(metres)s m at that time"), facts
    )


def _old(shot: Shot) -> Remark | None:
    if shot.taken_at is None:
        return None
    age = shot.shown_at - shot.taken_at
    if age < -AHEAD:
        return Remark(20, sentence("the camera's clock is ahead of ours"), {})
    if age <= OLD:
        return None
    hours = round(age / timedelta(hours=1))
    told = sentence("taken %(hours)s h before it was reported")
    return Remark(40 if age > STALE else 20, told, {"hours": hours})


def _silent(shot: Shot) -> Remark | None:
    known = (shot.taken_at, shot.camera_metres, shot.device_metres, shot.track_metres)
    if any(one is not None for one in known):
        return None
    return Remark(15, sentence("nothing says when or where it was taken"), {})


CHECKS: tuple[Check, ...] = (_reused, _camera, _device, _apart, _track, _old, _silent)


def remarks(shot: Shot) -> list[Remark]:
    """Return what speaks against a photo, the gravest first."""
    found = (check(shot) for check in CHECKS)
    return sorted((one for one in found if one is not None), key=lambda one: -one.takes)


def score(found: Iterable[Remark]) -> int:
    """Return what is left of 100 after ``found``; never below 0."""
    return max(0, 100 - sum(one.takes for one in found))


def is_serious(shots: Iterable[Shot]) -> bool:
    """Say whether a photo among ``shots`` was used before or comes from far off."""
    return any(one.serious for shot in shots for one in remarks(shot))
