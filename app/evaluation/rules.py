"""From basic indicators to rates, scores, one composite and a grade (GB/T 30428.4-2016).

Pure.  A scheme is data: its parts say which indicators they weigh and how.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Number = int | float


@dataclass(frozen=True, slots=True)
class Bracket:
    """A score for counts from ``low`` to ``high`` (None: without end)."""

    low: int
    high: int | None
    score: Number


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a composite: a bracket over a count, or a rate of two counts.

    ``inverse`` marks a rate of which less is better.
    """

    code: str
    name: str
    weight: float
    value: str
    over: str | None = None
    inverse: bool = False
    brackets: tuple[Bracket, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade from ``low`` on, with the standard's colour in words."""

    grade: str
    low: Number
    colour: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is measured of an object, and how it becomes one score."""

    code: str
    name: str
    parts: tuple[Part, ...]
    grades: tuple[Grade, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A part with its value (a rate from 0 to 1, or a count) and score; None where no data is."""

    part: Part
    value: float | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """The terms of an object, their weighted sum (0–100), and its grade."""

    terms: tuple[Term, ...]
    score: float | None
    grade: str | None


def read(document: Mapping[str, Any]) -> Scheme:
    """Return the scheme that ``document`` describes."""
    parts = tuple(
        Part(**{**p, "brackets": tuple(Bracket(**b) for b in p.get("brackets", ()))})
        for p in document["parts"]
    )
    grades = tuple(Grade(**g) for g in document["grades"])
    return Scheme(document["code"], document["name"], parts, grades)


def evaluate(scheme: Scheme, facts: Mapping[str, Number]) -> Result:
    """Return the score of an object with the basic indicators ``facts``.

    A term without data (nothing to divide by) is dropped and the other weights are
    scaled up to one (standards §7.1, rule 7).

    >>> from app.evaluation.schemes import department_scheme
    >>> facts = {"inst_num": 120, "dispose_need_num": 110, "dispose_intime_num": 99}
    >>> facts |= {"archive_need_num": 100, "archive_num": 96, "rework_num": 4}
    >>> found = evaluate(read(department_scheme()), facts)
    >>> found.score, found.grade
    (92.21, 'A')
    """
    terms = tuple(_term(part, facts) for part in scheme.parts)
    counted = [(t.part.weight, t.score) for t in terms if t.score is not None]
    weight = sum(w for w, _ in counted)
    score = rounded(sum(w * s for w, s in counted) / weight) if weight else None
    return Result(terms, score, grade_of(scheme.grades, score))


def _term(part: Part, facts: Mapping[str, Number]) -> Term:
    if part.over is None:
        count = facts.get(part.value, 0)
        return Term(part, count, bracket_score(part.brackets, count))
    whole = facts.get(part.over, 0)
    if not whole:
        return Term(part, None, None)
    rate = facts.get(part.value, 0) / whole
    return Term(part, rate, 100 * (1 - rate if part.inverse else rate))


def bracket_score(brackets: Sequence[Bracket], count: Number) -> float | None:
    """Return the score of the bracket that ``count`` falls into, None if there is none."""
    fitting = [
        b.score for b in brackets if b.low <= count and (b.high is None or count < b.high + 1)
    ]
    return float(fitting[0]) if fitting else None


def grade_of(grades: Sequence[Grade], score: float | None) -> str | None:
    """Return the grade of ``score``: the highest whose lower end it reaches."""
    if score is None:
        return None
    fitting = [g for g in grades if score >= g.low]
    return max(fitting, key=lambda g: g.low).grade if fitting else None


def rounded(value: float) -> float:
    """Return ``value`` with two places, halves up, as people round (not to even)."""
    return float(Decimal(str(round(value, 9))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def ranks(scores: Sequence[float | None]) -> list[int | None]:
    """Return the rank of each score; equal scores share one, none without data."""
    known = sorted((s for s in scores if s is not None), reverse=True)
    return [None if s is None else known.index(s) + 1 for s in scores]
