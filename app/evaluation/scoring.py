"""From what is stored of a period to its ranking: the same inputs give the same bytes.  Pure.

``inputs`` are the period, the scheme's document, the facts of every object and what appeals
exempted; nothing else goes into a score, so a frozen period can be computed again anywhere.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

from app.evaluation.formula import filled, shown
from app.evaluation.rules import (
    Result,
    Scheme,
    Taken,
    Term,
    evaluate,
    explain,
    group_of,
    ranks,
    read,
    rounded,
)

FORM = 1
"""The form of inputs and results: a later one must still be able to replay earlier ones."""

REGION = {"grids": "cell_num", "grade": "area_class"}
"""What measures call the standing facts of a region, and what the contract calls them."""

LIMITS = {
    "dispose_num": "dispose_need_num",
    "dispose_intime_num": "dispose_need_num",
    "archive_num": "archive_need_num",
    "archive_intime_num": "archive_need_num",
    "confirm_intime_num": "confirm_need_num",
    "verify_intime_num": "verify_need_num",
    "inst_intime_num": "inst_need_num",
    "dispatch_intime_num": "dispatch_need_num",
    "confirm_dispatch_intime_num": "confirm_dispatch_need_num",
}
"""Counts that are a part of another one: they never come out above it."""

EASED: Mapping[str, Mapping[str, int]] = {
    "dispose_overtime_num": {"dispose_overtime_num": -1, "dispose_intime_num": 1},
    "archive_overtime_num": {"archive_overtime_num": -1, "archive_intime_num": 1},
    "overtime_to_dispose_num": {"overtime_to_dispose_num": -1, "dispose_need_num": -1},
    "overtime_to_archive_num": {"overtime_to_archive_num": -1, "archive_need_num": -1},
}
"""What changes when a case is exempted from a count, where it is more than one less."""


def eased(indicator: str) -> Mapping[str, int]:
    """Return what exempting a case from ``indicator`` changes: on time counts one more, else less.

    >>> eased("dispose_intime_num"), eased("rework_num")
    ({'dispose_intime_num': 1}, {'rework_num': -1})
    """
    if indicator in EASED:
        return EASED[indicator]
    return {indicator: 1 if "_intime_" in indicator else -1}


def canonical(value: Any) -> str:
    """Return ``value`` as the one text that its digest is taken of."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(inputs: str, result: str) -> str:
    """Return the digest (SHA-256, hexadecimal) of what went into a score and what came out."""
    return sha256(f"{inputs}\n{result}".encode()).hexdigest()


def compute(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ranking that ``inputs`` give: ``{rows}``, every number as exact text."""
    scheme = read(inputs["scheme"])
    results = dict(_results(scheme, inputs))
    places = _ranked(scheme, {name: result.score for name, (_, result) in results.items()})
    rows = [
        _row(scheme, name, inputs["names"].get(name, name), *results[name], places[name])
        for name in results
    ]
    rows.sort(key=lambda row: (row["group"], row["rank"] is None, row["rank"], row["object"]))
    return {"form": FORM, "rows": rows}


def places(inputs: Mapping[str, Any]) -> dict[str, tuple[int | None, str | None]]:
    """Return only rank and score of each object: what a comparison with another period needs."""
    scheme = read(inputs["scheme"])
    scores = {name: result.score for name, (_, result) in _results(scheme, inputs)}
    return {
        name: (rank, None if scores[name] is None else str(scores[name]))
        for name, (_, rank) in _ranked(scheme, scores).items()
    }


def _results(
    scheme: Scheme, inputs: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[dict[str, int | Fraction], Result]]]:
    months, exempt = Fraction(inputs["months"]), _by_object(inputs["exemptions"])
    for name, counted in inputs["facts"].items():
        facts = adjusted(counted, exempt.get(name, ()))
        whole = frozenset(e["indicator"] for e in exempt.get(name, ()) if e["case"] is None)
        yield name, (facts, evaluate(scheme, facts, months=months, without=whole))


def _by_object(exemptions: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in exemptions:
        found.setdefault(one["object"], []).append(one)
    return found


def adjusted(
    counted: Mapping[str, Any], exemptions: Iterable[Mapping[str, Any]]
) -> dict[str, int | Fraction]:
    """Return the facts of an object after its exemptions; marks from outside as fractions."""
    facts: dict[str, int | Fraction] = {
        REGION.get(name, name): Fraction(n) if isinstance(n, str) else n
        for name, n in counted.items()
    }
    changed: Counter[str] = Counter()
    for one in exemptions:
        if one["case"] is not None:
            changed.update(eased(one["indicator"]))
    for name, n in changed.items():
        facts[name] = max(0, facts.get(name, 0) + n)
    for name, whole in LIMITS.items():
        if changed and name in facts:
            facts[name] = min(facts[name], facts.get(whole, 0))
    return facts


def _ranked(
    scheme: Scheme, scores: Mapping[str, Decimal | None]
) -> dict[str, tuple[str, int | None]]:
    """Return the group and the rank within it of each object."""
    groups: dict[str, list[str]] = {}
    for name in scores:
        groups.setdefault(group_of(scheme, name), []).append(name)
    return {
        name: (group, rank)
        for group, members in groups.items()
        for name, rank in zip(members, ranks([scores[one] for one in members]), strict=True)
    }


def _row(
    scheme: Scheme,
    code: str,
    name: str,
    facts: Mapping[str, int | Fraction],
    result: Result,
    place: tuple[str, int | None],
) -> dict[str, Any]:
    return {
        "object": code,
        "name": name,
        "group": place[0],
        "indicators": {k: n if isinstance(n, int) else shown(n, 2) for k, n in facts.items()},
        "score": _two(result.score),
        "grade": result.grade.grade if result.grade else None,
        "colour": result.grade.colour if result.grade else None,
        "rank": place[1],
        "parts": [_part(term, facts) for term in result.terms],
        "deductions": [_taken(one) for one in result.deductions],
    }


def _part(term: Term, facts: Mapping[str, int | Fraction]) -> dict[str, Any]:
    part = term.part
    return {
        "code": part.code,
        "name": part.name,
        "weight": shown(part.weight),
        "value": None if term.value is None else shown(term.value).replace("−", "-"),
        "score": None if term.score is None else _two(rounded(term.score)),
        "points": None if term.points is None else _two(rounded(term.points)),
        "formula": filled(part.formula),
        "filled": explain(term, facts),
        "of": list(part.of),
    }


def _taken(one: Taken) -> dict[str, Any]:
    return {"name": one.name, "n": shown(one.n, 2), "points": _two(rounded(one.points))}


def _two(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:.2f}"
