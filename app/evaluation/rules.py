"""From basic indicators to measured values, points, deductions, one score and a grade.

Pure and exact: whole fractions up to the last step, which rounds halves up to two places.
A scheme is data; its parts say which formula is measured and how the value becomes a score
(GB/T 30428.4-2016; standards §7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.evaluation.formula import OUTSIDE, Facts, Node, filled, indicators, parse, shown, value

HUNDRED = Fraction(100)
RULES = ("rate", "inverse", "brackets", "threshold", "plain")
"""How a value becomes a score: ×100; (1 − v)×100; by a table; by a threshold; as it is."""

SCALES = ("days", "parts")
"""What brackets grow with: the months of the period, and how many parts a department keeps."""

STANDING = {"cell_num", "area_class", "part_num"}
"""Facts of what an object is, not of what happened: by themselves they are no data."""


@dataclass(frozen=True, slots=True)
class Bracket:
    """A score for counts from ``low`` to ``high`` (None: without end)."""

    low: int
    high: int | None
    score: Fraction


@dataclass(frozen=True, slots=True)
class Part:
    """One term of a score: a formula, its weight, and the rule that makes points of its value.

    ``tables`` are brackets by class of area (``""`` for all); ``at`` is a threshold in per cent,
    ``each`` what a point below it costs, in units of the weight (None: the whole part).
    """

    code: str
    name: str
    weight: Fraction
    formula: Node
    rule: str
    tables: Mapping[str, tuple[Bracket, ...]]
    scale: tuple[str, ...] = ()
    per_parts: Fraction = Fraction(1_000)
    at: Fraction = HUNDRED
    each: Fraction | None = None

    @property
    def of(self) -> tuple[str, ...]:
        """Return the indicators it reads."""
        return indicators(self.formula)


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points taken off the score: ``each`` for every one its formula counts, ``cap`` at most."""

    code: str
    name: str
    formula: Node
    each: Fraction
    cap: Fraction | None


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade from ``low`` on, with the standard's colour in words and as a colour of screens."""

    grade: str
    low: Fraction
    colour: str
    hex: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Objects that are compared with one another (类别); those in no group form the last one."""

    code: str
    name: str
    objects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What is measured of an object, and how it becomes one score."""

    code: str
    name: str
    object: str
    parts: tuple[Part, ...]
    deductions: tuple[Deduction, ...]
    cap: Fraction | None
    grades: tuple[Grade, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A part with its value, score (0–100), share of the weights and points; None: no data."""

    part: Part
    value: Fraction | None
    score: Fraction | None
    share: Fraction | None
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A deduction that took something: how many it counted, and the points."""

    name: str
    n: Fraction
    points: Fraction


@dataclass(frozen=True, slots=True)
class Result:
    """The terms and deductions of an object, its score (0–100, two places), and its grade."""

    terms: tuple[Term, ...]
    deductions: tuple[Taken, ...]
    score: Decimal | None
    grade: Grade | None


def read(document: Mapping[str, Any]) -> Scheme:
    """Return the scheme that a checked ``document`` describes."""
    return Scheme(
        document["code"],
        document["name"],
        document["object"],
        tuple(_part(one) for one in document["parts"]),
        tuple(_deduction(one) for one in document.get("deductions", ())),
        _maybe(document.get("cap")),
        tuple(
            Grade(g["grade"], exact(g["low"]), g["colour"], g.get("hex", ""))
            for g in document["grades"]
        ),
        tuple(
            Group(g["code"], g["name"], frozenset(g["objects"])) for g in document.get("groups", ())
        ),
    )


def exact(given: Any) -> Fraction:
    """Return a number of a document, written as a whole number or as text, without loss."""
    return Fraction(str(given))


def _maybe(given: Any) -> Fraction | None:
    return None if given in (None, "") else exact(given)


def _part(given: Mapping[str, Any]) -> Part:
    tables = {
        name: tuple(Bracket(b["low"], b["high"], exact(b["score"])) for b in rows)
        for name, rows in given.get("tables", {}).items()
    }
    return Part(
        given["code"],
        given["name"],
        exact(given["weight"]),
        parse(given["formula"]),
        given["rule"],
        tables,
        tuple(given.get("scale", ())),
        exact(given.get("per_parts", 1_000)),
        exact(given.get("at", 100)),
        _maybe(given.get("each")),
    )


def _deduction(given: Mapping[str, Any]) -> Deduction:
    return Deduction(
        given["code"],
        given["name"],
        parse(given["formula"]),
        exact(given["each"]),
        _maybe(given.get("cap")),
    )


def evaluate(
    scheme: Scheme,
    facts: Facts,
    *,
    months: Fraction = Fraction(1),
    without: frozenset[str] = frozenset(),
) -> Result:
    """Return the score of an object with the basic indicators ``facts`` of so many ``months``.

    A term without data (nothing to divide by, an indicator in ``without``) is dropped and the
    other weights are scaled up to one (standards §7.1, rule 7).  An object of which nothing
    is known has no score.

    >>> from app.evaluation.schemes import department_scheme
    >>> facts = {"inst_num": 120, "dispose_need_num": 110, "dispose_intime_num": 99}
    >>> facts |= {"archive_need_num": 100, "archive_num": 96, "rework_num": 4}
    >>> found = evaluate(read(department_scheme()), facts)
    >>> print(found.score, found.grade.grade)
    92.21 A
    """
    measured = [_measure(part, facts, months, without) for part in scheme.parts]
    weight = sum((p.weight for p, _, s in measured if s is not None), Fraction(0))
    terms = tuple(_term(p, v, s, weight) for p, v, s in measured)
    taken = tuple(_taken(scheme, facts, without))
    if not any_data(facts) or not any(t.points is not None and t.part.of for t in terms):
        return Result(terms, (), None, None)
    points = sum((t.points for t in terms if t.points is not None), Fraction(0))
    score = rounded(max(Fraction(0), points - sum(one.points for one in taken)))
    return Result(terms, taken, score, grade_of(scheme.grades, score))


def any_data(facts: Facts) -> bool:
    """Say whether anything was counted of an object, or marked from outside."""
    return any(name in OUTSIDE or number for name, number in facts.items() if name not in STANDING)


def _measure(
    part: Part, facts: Facts, months: Fraction, without: frozenset[str]
) -> tuple[Part, Fraction | None, Fraction | None]:
    found = None if without.intersection(part.of) else value(part.formula, facts)
    return part, found, None if found is None else part_score(part, found, facts, months)


def _term(part: Part, found: Fraction | None, score: Fraction | None, weight: Fraction) -> Term:
    if score is None:
        return Term(part, found, None, None, None)
    share = part.weight / weight
    return Term(part, found, score, share, share * score)


def explain(term: Term, facts: Facts) -> str:
    """Return how a term came about, with the numbers put in: value, score, share, points."""
    numbers = filled(term.part.formula, facts)
    if term.value is not None and not numbers.replace(".", "").isdigit():
        numbers = f"{numbers} = {shown(term.value)}"
    if term.score is None or term.share is None or term.points is None:
        return numbers
    return f"{numbers} → {rounded(term.score)} × {shown(term.share)} = {rounded(term.points)}"


def part_score(part: Part, found: Fraction, facts: Facts, months: Fraction) -> Fraction | None:
    """Return the score of a part with the value ``found``, from 0 to 100."""
    if part.rule == "brackets":
        return bracket_score(_table(part, facts), found / _scale(part, facts, months))
    if part.rule == "threshold":
        return _threshold(part, HUNDRED * found)
    raw = {"rate": HUNDRED * found, "inverse": HUNDRED * (1 - found), "plain": found}[part.rule]
    return min(max(raw, Fraction(0)), HUNDRED)


def _threshold(part: Part, percent: Fraction) -> Fraction:
    if percent >= part.at:
        return HUNDRED
    lost = part.weight if part.each is None else part.each * (part.at - percent)
    return HUNDRED * max(part.weight - lost, Fraction(0)) / part.weight


def _table(part: Part, facts: Facts) -> tuple[Bracket, ...]:
    found = part.tables.get(str(facts.get("area_class", 1)), part.tables.get(""))
    # An area of a class that no table is for is judged as the last class there is one for.
    return found if found is not None else part.tables[max(part.tables)]


def _scale(part: Part, facts: Facts, months: Fraction) -> Fraction:
    times = months if "days" in part.scale else Fraction(1)
    kept = facts.get("part_num", 0)
    return times * (kept / part.per_parts if "parts" in part.scale and kept else 1)


def bracket_score(brackets: Sequence[Bracket], count: Fraction | int) -> Fraction | None:
    """Return the score of the bracket that ``count`` falls into, None if there is none.

    Brackets are written for whole counts: a mean of 2½ still lies in the one from 1 to 2.
    """
    fitting = [
        b.score for b in brackets if b.low <= count and (b.high is None or count < b.high + 1)
    ]
    return fitting[0] if fitting else None


def _taken(scheme: Scheme, facts: Facts, without: frozenset[str]) -> list[Taken]:
    found, left = [], scheme.cap
    for one in scheme.deductions:
        n = value(one.formula, facts)
        if not n or n < 0 or without.intersection(indicators(one.formula)):
            continue
        limits = [limit for limit in (one.cap, left) if limit is not None]
        points = min([n * one.each, *limits])
        left = None if left is None else left - points
        found.append(Taken(one.name, n, points))
    return found


def grade_of(grades: Sequence[Grade], score: Decimal | Fraction | int | None) -> Grade | None:
    """Return the grade of ``score``: the highest whose lower end it reaches."""
    fitting = [g for g in grades if score is not None and Fraction(score) >= g.low]
    return max(fitting, key=lambda g: g.low) if fitting else None


def rounded(number: Fraction) -> Decimal:
    """Return ``number`` with two places, halves up, as people round (not to even).

    >>> print(rounded(Fraction("1.005")), rounded(Fraction(2, 3)))
    1.01 0.67
    """
    return Decimal(
        (200 * number.numerator + number.denominator) // (2 * number.denominator)
    ).scaleb(-2)


def ranks(scores: Sequence[Decimal | int | None]) -> list[int | None]:
    """Return the rank of each score; equal scores share one, none without data."""
    known = sorted((s for s in scores if s is not None), reverse=True)
    first = {score: n for n, score in reversed(list(enumerate(known, start=1)))}
    return [None if s is None else first[s] for s in scores]


def group_of(scheme: Scheme, object: str) -> str:
    """Return the group that ``object`` is compared in, "" if it is in none."""
    return next((g.code for g in scheme.groups if object in g.objects), "")
