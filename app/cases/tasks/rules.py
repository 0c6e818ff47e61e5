"""Who is sent into the field: pure rules of choosing, drawing, and of pairs who meet too often."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import comb

from app.kernel.errors import Refused, sentence

AUTO = "auto"
"""What an asker answers who leaves the choice to the system."""
PURPOSES: dict[str, str] = {
    "confirm": sentence("Confirm on site"),
    "verify": sentence("Verify on site"),
    "survey": sentence("Special survey"),
    "urgent": sentence("Urgent look"),
}
OF_STATE = {"confirming": "confirm", "verifying": "verify"}
"""What somebody is out for while a case is in one of these states."""
AWAITED = frozenset(OF_STATE.values())
"""Tasks that a case waits for: they are answered and given on as its steps."""
WAYS: dict[str, str] = {
    "beat": sentence("on shift in the beat"),
    "nearest": sentence("nearest, %(metres)s m away"),
    "drawn": sentence("drawn from %(pool)s on duty"),
    "by hand": sentence("chosen by hand"),
}
OUTCOMES: dict[str, str] = {
    "answered": sentence("answered"),
    "passed": sentence("passed"),
    "failed": sentence("not passed"),
    "withdrawn": sentence("withdrawn"),
    "reassigned": sentence("given to another inspector"),
}
STATES = ("open", "escalated", "ended")
MEETINGS, IMPROBABLE = 5, 0.01
"""A pair is looked into from so many meetings on, if chance would give as many this rarely."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An inspector as one place sees them; ``metres`` to a position of the last half hour."""

    id: int
    name: str
    in_beat: bool = False
    on_duty: bool = False
    metres: float | None = None
    busy: int = 0
    reported: bool = False
    checked: bool = False
    """Confirmed the case, or verified it last."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who was chosen and how; a draw can be drawn again from ``pool`` and ``seed``."""

    person: int
    way: str
    metres: float | None = None
    pool: tuple[int, ...] = ()
    seed: str | None = None


def choose(
    purpose: str, candidates: Iterable[Candidate], seed: str, *, without: Iterable[int] = ()
) -> Choice:
    """Return who is sent: for verifying a draw, else who is on shift in the beat or the nearest.

    The reporter is never sent to check the own report; who confirmed or last verified a case is
    never drawn to verify it.  ``without`` names who else is passed over.  Raises ``Refused``
    if nobody is left.
    """
    passed_over = set(without)
    left = [c for c in candidates if not c.reported and c.id not in passed_over]
    return _drawn(left, seed) if purpose == "verify" else _closest(left)


def _drawn(left: Sequence[Candidate], seed: str) -> Choice:
    pool = tuple(sorted(c.id for c in left if c.on_duty and not c.checked))
    if not pool:
        raise Refused(
            sentence(
                "No inspector on duty is left to draw from: the reporter, who confirmed and who"
                " verified last stay out. Choose one by hand."
            )
        ).about("inspector")
    return Choice(draw(pool, seed), "drawn", pool=pool, seed=seed)


def draw(pool: Sequence[int], seed: str) -> int:
    """Return the one of ``pool`` that ``seed`` draws; the same two always give the same one.

    SHA-256 over the seed and the pool: 256 bits against pools of hundreds, so nobody is favoured.

    >>> draw([3, 5, 8], "6d7920736565642e"), draw([3, 5, 8], "6d7920736565642e")
    (5, 5)
    """
    ordered = sorted(pool)
    told = f"{seed}:{','.join(map(str, ordered))}"
    return ordered[int.from_bytes(hashlib.sha256(told.encode()).digest()) % len(ordered)]


def _closest(left: Sequence[Candidate]) -> Choice:
    near = [c for c in left if c.in_beat or c.metres is not None]
    if not near:
        raise Refused(
            sentence(
                "Nobody is on shift in the beat, and nobody of the area has sent a position in the"
                " last half hour. Choose one by hand."
            )
        ).about("inspector")
    first = min(near, key=_rank)
    return Choice(first.id, "beat" if first.in_beat else "nearest", first.metres)


def _rank(one: Candidate) -> tuple[bool, float, int, int]:
    """Order by: the beat, then nearness, then who has least to do."""
    far = float("inf") if one.metres is None else one.metres
    return not one.in_beat, far, one.busy, one.id


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return who may be chosen by hand, the likeliest first; the reporter is left out."""
    found = [c for c in candidates if not c.reported]
    return sorted(found, key=lambda one: (one.checked, *_rank(one)[:2], not one.on_duty))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two who met over ``observed`` verifications; chance is the sum of 1 / pool of each draw."""

    observed: int
    expected: float
    chance: float
    """How probable it is to meet at least as often by chance (0 to 1)."""

    @property
    def suspicious(self) -> bool:
        """Say whether somebody should look into it."""
        return self.observed >= MEETINGS and self.chance < IMPROBABLE


def judge(observed: int, draws: int, expected: float) -> Pair:
    """Return how odd ``observed`` meetings in ``draws`` draws are when ``expected`` were likely.

    The tail of the binomial distribution with the mean chance of a draw: pools of one city
    differ little, and the mean makes rare events look no rarer than they are.

    >>> pair = judge(8, 10, 2.0)
    >>> round(pair.chance, 6), pair.suspicious
    (7.8e-05, True)
    """
    rate = min(1.0, expected / draws) if draws else 0.0
    terms = (comb(draws, k) * rate**k * (1 - rate) ** (draws - k) for k in range(observed))
    return Pair(observed, expected, max(0.0, 1.0 - sum(terms)))
