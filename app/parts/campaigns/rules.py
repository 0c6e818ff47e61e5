"""When a survey is good enough, and what a verdict on a part means.  Pure.

The figures are those of the domain reference, survey practice: missed and surplus parts at most
3 % in each sampled cell, wrong attributes at most 5 %, at least 5 % of the cells in the sample.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.errors import sentence

SAMPLE = 0.05
MOST_AMISS, MOST_WRONG = 0.03, 0.05
VERDICTS: Mapping[str, str | None] = {
    "intact": "intact",
    "damaged": "damaged",
    "lost": "lost",
    "abandoned": "abandoned",
    "removed": "removed",
    "wrong": None,
}
"""What a surveyor says of a part, and the state it has then; “wrong” changes fields alone."""

VERDICT_WORDS: Mapping[str, str] = {
    "intact": sentence("intact"),
    "damaged": sentence("damaged"),
    "lost": sentence("lost"),
    "abandoned": sentence("abandoned"),
    "removed": sentence("removed"),
    "wrong": sentence("recorded wrongly"),
    "added": sentence("added"),
}
CELL_STATES: Mapping[str, str] = {
    "waiting": sentence("not begun"),
    "working": sentence("begun"),
    "done": sentence("done"),
    "passed": sentence("accepted"),
    "failed": sentence("to be surveyed again"),
}


def sample_size(cells: int) -> int:
    """Return how many of ``cells`` surveyed cells must be looked at again.

    >>> [sample_size(n) for n in (0, 1, 20, 21, 100, 101)]
    [0, 1, 1, 2, 5, 6]
    """
    return math.ceil(cells * SAMPLE)


@dataclass(frozen=True, slots=True)
class Check:
    """What was found when a cell was looked at again: parts there, missed, surplus, wrong."""

    parts: int
    missed: int
    surplus: int
    wrong: int

    @property
    def amiss(self) -> float:
        """Return the share of missed and surplus parts among those that are really there."""
        there = self.parts + self.missed - self.surplus
        return (self.missed + self.surplus) / max(there, 1)

    @property
    def mistaken(self) -> float:
        """Return the share of parts with a wrong attribute among those recorded."""
        return self.wrong / max(self.parts, 1)

    @property
    def passes(self) -> bool:
        """Say whether the cell is surveyed well enough.

        >>> Check(100, 3, 0, 5).passes, Check(100, 4, 0, 0).passes, Check(0, 1, 0, 0).passes
        (True, False, False)
        """
        return self.amiss <= MOST_AMISS and self.mistaken <= MOST_WRONG


def accepted(checks: Mapping[str, Check | None], done: int) -> bool:
    """Say whether a survey of ``done`` cells is accepted by the cells drawn.

    All of them must have been looked at and pass, and they must be enough.
    """
    looked = [check for check in checks.values() if check is not None]
    enough = len(looked) >= sample_size(done) > 0
    return enough and len(looked) == len(checks) and all(check.passes for check in looked)
