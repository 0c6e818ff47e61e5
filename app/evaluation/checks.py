"""What is wrong with a scheme's document: one sentence for each fault, each with its place.  Pure.

An administrator combines and never programs: whatever passes here can be scored.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from app.evaluation.formula import indicators, parse
from app.evaluation.labels import known
from app.evaluation.rules import RULES, SCALES
from app.evaluation.schemes import OBJECTS
from app.kernel.errors import Refused, sentence

Fault = dict[str, Any]
NUMBER = re.compile(r"\d{1,7}(\.\d{1,4})?", re.ASCII)
CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}", re.ASCII)
MOST = {"parts": 30, "deductions": 30, "grades": 10, "groups": 50}
KEYS = {
    "": {"code", "name", "object", "parts", "deductions", "cap", "grades", "groups"},
    "parts": {"code", "name", "weight", "formula", "rule", "tables", "scale", "per_parts", "at",
              "each"},
    "deductions": {"code", "name", "formula", "each", "cap"},
    "grades": {"grade", "low", "colour", "hex"},
    "groups": {"code", "name", "objects"},
}  # fmt: skip


def faults(document: Any) -> list[Fault]:
    """Return the faults of a document: ``{where, message, facts}``, ``message`` a msgid.

    >>> faults({"object": "department"})[0]["where"]
    'code'
    """
    return list(_all(document)) if isinstance(document, Mapping) else [_at("", NO_OBJECT)]


NO_OBJECT = sentence("A scheme is an object with parts and grades.")


def _at(where: str, message: str, **facts: object) -> Fault:
    return {"where": where, "message": message, "facts": facts}


def _all(document: Mapping[str, Any]) -> Iterator[Fault]:
    if not CODE.fullmatch(str(document.get("code") or "")):
        yield _at("code", sentence("A code is Latin letters, digits, “.”, “_” and “-”."))
    if not _text(document.get("name")):
        yield _at("name", sentence("Give the scheme a name."))
    if document.get("object") not in OBJECTS:
        yield _at("object", sentence("Say what the scheme is for."))
    yield from _strange("", document, "")
    yield from _maybe_number("cap", document.get("cap"))
    for name, check in (
        ("parts", _part),
        ("deductions", _deduction),
        ("grades", _grade),
        ("groups", _group),
    ):
        yield from _listed(document, name, check)
    yield from _whole(document)


def _text(given: Any, most: int = 80) -> bool:
    return isinstance(given, str) and 0 < len(given.strip()) <= most


def _strange(kind: str, given: Mapping[str, Any], where: str) -> Iterator[Fault]:
    for name in sorted(set(map(str, given)) - KEYS[kind]):
        yield _at(where, sentence("“%(name)s” is not known here."), name=name[:40])


def _listed(document: Mapping[str, Any], name: str, check: Any) -> Iterator[Fault]:
    rows = document.get(name, [])
    if not isinstance(rows, list) or len(rows) > MOST[name]:
        yield _at(name, sentence("This must be a list of at most %(most)s."), most=MOST[name])
        return
    for n, row in enumerate(rows):
        where = f"{name}.{n}"
        if not isinstance(row, Mapping):
            yield _at(where, sentence("This must be an object."))
            continue
        yield from _strange(name, row, where)
        yield from check(row, where)


def _whole(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Look at what only shows when the lists are seen together."""
    if not document.get("parts"):
        yield _at("parts", sentence("A scheme needs at least one part."))
    grades = _rows(document, "grades")
    if not any(str(g.get("low")) in ("0", "0.0") for g in grades):
        yield _at("grades", sentence("One grade must begin at 0, or a low score has none."))
    for name, key in (("parts", "code"), ("deductions", "code"), ("grades", "grade"),
                      ("groups", "code")):  # fmt: skip
        counted = Counter(str(row.get(key)) for row in _rows(document, name))
        for twice in (value for value, n in counted.items() if n > 1):
            yield _at(name, sentence("“%(name)s” stands there twice."), name=twice[:40])
    named = Counter(
        str(one)
        for g in _rows(document, "groups")
        if isinstance(g.get("objects"), list)
        for one in g["objects"]
    )
    for twice in (value for value, n in named.items() if n > 1):
        yield _at("groups", sentence("“%(name)s” is in two groups."), name=twice[:40])


def _rows(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = document.get(name)
    return [r for r in rows if isinstance(r, Mapping)] if isinstance(rows, list) else []


def _number(where: str, given: Any, *, least: Fraction = Fraction(0)) -> Iterator[Fault]:
    """Refuse what is no exact number: whole, or text with four places at most; never a float."""
    sound = type(given) is int or (isinstance(given, str) and NUMBER.fullmatch(given))
    if not sound or Fraction(str(given)) < least:
        yield _at(
            where, sentence("This must be a number of at most four places, not below %(least)s."),
            least=str(least),
        )  # fmt: skip


def _maybe_number(where: str, given: Any) -> Iterator[Fault]:
    if given not in (None, ""):
        yield from _number(where, given)


def _named(row: Mapping[str, Any], where: str) -> Iterator[Fault]:
    if not CODE.fullmatch(str(row.get("code") or "")):
        yield _at(f"{where}.code", sentence("A code is Latin letters, digits, “.”, “_” and “-”."))
    if not _text(row.get("name")):
        yield _at(f"{where}.name", sentence("Give this a name."))


def formula_faults(where: str, given: Any) -> Iterator[Fault]:
    """Yield why ``given`` is no formula over indicators that are known."""
    if not _text(given, 400):
        yield _at(where, sentence("Write a formula."))
        return
    try:
        read = indicators(parse(given))
    except Refused as fault:
        yield _at(where, fault.message, **fault.facts)
        return
    for name in (one for one in read if one not in known()):
        place = re.search(rf"\b{name}\b", given)
        yield _at(
            where,
            sentence("“%(near)s” at character %(at)s is no indicator."),
            near=name[:40],
            at=(place.start() if place else 0) + 1,
        )


def _part(row: Mapping[str, Any], where: str) -> Iterator[Fault]:
    yield from _named(row, where)
    yield from formula_faults(f"{where}.formula", row.get("formula"))
    yield from _number(f"{where}.weight", row.get("weight"), least=Fraction(1, 10_000))
    yield from _maybe_number(f"{where}.each", row.get("each"))
    if row.get("rule") not in RULES:
        yield _at(f"{where}.rule", sentence("Choose how the value becomes a score."))
    if row.get("rule") == "threshold":
        yield from _number(f"{where}.at", row.get("at"))
    if row.get("rule") == "brackets":
        yield from _tables(row, where)
    scale = row.get("scale", [])
    if not isinstance(scale, list) or not all(one in SCALES for one in scale):
        yield _at(f"{where}.scale", sentence("Brackets grow with “days”, “parts”, or neither."))
    if "per_parts" in row:
        yield from _number(f"{where}.per_parts", row["per_parts"], least=Fraction(1))


def _tables(row: Mapping[str, Any], where: str) -> Iterator[Fault]:
    tables = row.get("tables")
    if not isinstance(tables, Mapping) or not tables or not set(tables) <= {"", "1", "2", "3"}:
        yield _at(f"{where}.tables", sentence("Give brackets, for all or by class of area."))
        return
    for name, rows in tables.items():
        yield from _table(f"{where}.tables.{name}", rows)


def _table(where: str, rows: Any) -> Iterator[Fault]:
    """Hold brackets to covering every count from 0 on, each once."""
    if not isinstance(rows, list) or not 0 < len(rows) <= 20 or not all(map(_bracket, rows)):
        yield _at(where, sentence("A bracket has “low”, “high” (or none) and “score” up to 100."))
        return
    ladder = sorted(rows, key=lambda row: int(row["low"]))
    expected: int | None = 0
    for row in ladder:
        if expected is None or row["low"] != expected:
            yield _at(
                where, sentence("The brackets have a gap or overlap at %(at)s."), at=row["low"]
            )
            return
        expected = None if row["high"] is None else row["high"] + 1
    if expected is not None:
        yield _at(where, sentence("The last bracket must have no end."))


def _bracket(row: Any) -> bool:
    if not isinstance(row, Mapping) or set(row) != {"low", "high", "score"}:
        return False
    low, high = row["low"], row["high"]
    ordered = type(low) is int and (high is None or (type(high) is int and high >= low))
    return ordered and not list(_number("", row["score"])) and Fraction(str(row["score"])) <= 100


def _deduction(row: Mapping[str, Any], where: str) -> Iterator[Fault]:
    yield from _named(row, where)
    yield from formula_faults(f"{where}.formula", row.get("formula"))
    yield from _number(f"{where}.each", row.get("each"), least=Fraction(1, 10_000))
    yield from _maybe_number(f"{where}.cap", row.get("cap"))


def _grade(row: Mapping[str, Any], where: str) -> Iterator[Fault]:
    if not _text(row.get("grade"), 10) or not _text(row.get("colour"), 20):
        yield _at(where, sentence("A grade has a letter and a colour."))
    if row.get("hex") and not re.fullmatch(r"#[0-9A-Fa-f]{6}", str(row["hex"])):
        yield _at(f"{where}.hex", sentence("Write the colour like #00A651."))
    yield from _number(f"{where}.low", row.get("low"))


def _group(row: Mapping[str, Any], where: str) -> Iterator[Fault]:
    yield from _named(row, where)
    objects = row.get("objects")
    if not isinstance(objects, list) or not all(_text(one, 20) for one in objects):
        yield _at(f"{where}.objects", sentence("Name the objects of the group by their codes."))
