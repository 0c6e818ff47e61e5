"""Formulas over basic indicators: a small grammar, read by descent, worked out in whole fractions.

``sum = product {(+|-) product}``, ``product = sign {(*|/) sign}``, ``sign = [-] atom``,
``atom = number | indicator | (min|max)(sum, sum …) | (sum)``; × ÷ − are read as * / -.
Nothing else is understood, so nothing else can be carried out.  Pure.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from app.kernel.errors import Refused, sentence

Facts = Mapping[str, int | Fraction]
LONGEST, DEEPEST = 400, 24
"""Characters of a formula, and brackets within brackets: far more than any scheme needs."""

OUTSIDE = ("satisfaction", "leader_mark", "questionnaire")
"""Marks that come from outside: without one there is no data, whereas a count would be 0."""

UNCOUNTED = ("false_report_num",)
"""Counts that not every house keeps: one that was not counted is no data either, never 0."""

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([a-z_][a-z0-9_]*)|([-+*/(),]))")
SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "（": "(", "）": ")", "，": ","})
SHOWN = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}
STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True, slots=True)
class Node:
    """A number, an indicator, or an operation on other nodes; ``op`` says which."""

    op: str
    of: tuple["Node", ...] = ()
    number: Fraction = Fraction(0)
    name: str = ""


@cache
def parse(text: str) -> Node:
    """Return what ``text`` says; ``Refused`` names the place of the fault, counted from 1.

    >>> value(parse("(1 − rework_num ÷ 110) × 100"), {"rework_num": 4})
    Fraction(1060, 11)
    """
    if len(text) > LONGEST:
        raise Refused(sentence("A formula has at most %(most)s characters."), most=LONGEST)
    reader = _Reader(_tokens(text.translate(SIGNS)))
    found = reader.sum(0)
    if reader.peek()[0]:
        raise _fault(reader.peek())
    return found


Token = tuple[str, int]


def _tokens(text: str) -> list[Token]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            raise _fault((text[place], place + 1))
        found.append((match[match.lastindex or 0], match.start(match.lastindex or 0) + 1))
        at = match.end()
    return [*found, ("", end + 1)]


def _fault(token: Token) -> Refused:
    if not token[0]:
        return Refused(sentence("The formula ends too early, at character %(at)s."), at=token[1])
    return Refused(
        sentence("“%(near)s” at character %(at)s is not expected in the formula."),
        near=token[0][:20],
        at=token[1],
    )


class _Reader:
    """The tokens of a formula, read from left to right."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.n = tokens, 0

    def peek(self) -> Token:
        return self.tokens[self.n]

    def take(self, *expected: str) -> str | None:
        if self.peek()[0] not in expected:
            return None
        self.n += 1
        return self.tokens[self.n - 1][0]

    def need(self, expected: str) -> None:
        if self.take(expected) is None:
            raise _fault(self.peek())

    def sum(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise Refused(sentence("The formula is nested too deeply."))
        found = self.product(depth)
        while op := self.take("+", "-"):
            found = Node(op, (found, self.product(depth)))
        return found

    def product(self, depth: int) -> Node:
        found = self.sign(depth)
        while op := self.take("*", "/"):
            found = Node(op, (found, self.sign(depth)))
        return found

    def sign(self, depth: int) -> Node:
        if self.take("-"):
            return Node("neg", (self.atom(depth),))
        return self.atom(depth)

    def atom(self, depth: int) -> Node:
        if self.take("("):
            found = self.sum(depth + 1)
            self.need(")")
            return found
        word, _ = self.peek()
        if not word or not (word[0].isalnum() or word[0] == "_"):
            raise _fault(self.peek())
        self.n += 1
        if word in ("min", "max"):
            return Node(word, self.arguments(depth))
        return Node("number", number=Fraction(word)) if word[0].isdigit() else Node("", name=word)

    def arguments(self, depth: int) -> tuple[Node, ...]:
        self.need("(")
        found = [self.sum(depth + 1)]
        while self.take(","):
            found.append(self.sum(depth + 1))
        self.need(")")
        return tuple(found)


def indicators(node: Node) -> tuple[str, ...]:
    """Return the indicators that ``node`` reads, each once, in the order they stand there."""
    if node.name:
        return (node.name,)
    return tuple(dict.fromkeys(name for one in node.of for name in indicators(one)))


def value(node: Node, facts: Facts) -> Fraction | None:
    """Return the exact value of ``node``, None where there is no data.

    No data is: to divide by nothing, and a mark from outside that nobody gave.  An indicator
    that ``facts`` lack counts 0.
    """
    if node.name:
        return None if _unmarked(node.name, facts) else Fraction(facts.get(node.name, 0))
    if node.op == "number":
        return node.number
    parts = [value(one, facts) for one in node.of]
    known = [one for one in parts if one is not None]
    return _worked(node.op, known) if len(known) == len(parts) else None


def _unmarked(name: str, facts: Facts) -> bool:
    return name not in facts and (name in OUTSIDE or name in UNCOUNTED)


def _worked(op: str, of: list[Fraction]) -> Fraction | None:
    if op in ("neg", "min", "max"):
        return -of[0] if op == "neg" else min(of) if op == "min" else max(of)
    one, other = of
    if op == "/":
        return one / other if other else None
    return one + other if op == "+" else one - other if op == "-" else one * other


def filled(node: Node, facts: Facts | None = None) -> str:
    """Return ``node`` as people write it, with the numbers of ``facts`` in place of the names.

    >>> filled(parse("(a+b)/c"), {"a": 1, "b": 2, "c": 12})
    '(1 + 2) ÷ 12'
    """
    if node.name:
        return node.name if facts is None else _told(node.name, facts)
    if node.op == "number":
        return shown(node.number)
    if node.op in ("min", "max"):
        return f"{node.op}({', '.join(filled(one, facts) for one in node.of)})"
    if node.op == "neg":
        return f"−{_within(node.of[0], facts, 3)}"
    # What stands behind a minus or a fraction stroke needs brackets even if it binds as strongly.
    mine = STRENGTH[node.op]
    right = mine + (node.op in "-/")
    return _within(node.of[0], facts, mine) + SHOWN[node.op] + _within(node.of[1], facts, right)


def _within(node: Node, facts: Facts | None, least: int) -> str:
    text = filled(node, facts)
    return f"({text})" if STRENGTH.get(node.op, 9 if node.op != "neg" else 1) < least else text


def _told(name: str, facts: Facts) -> str:
    return "—" if _unmarked(name, facts) else shown(Fraction(facts.get(name, 0)))


def shown(number: Fraction, places: int = 4) -> str:
    """Return ``number`` in digits, halves up, with at most ``places`` behind the point.

    >>> shown(Fraction(2, 3)), shown(Fraction(-7)), shown(Fraction(1, 2))
    ('0.6667', '−7', '0.5')
    """
    scale = 10**places
    whole = (2 * abs(number.numerator) * scale + number.denominator) // (2 * number.denominator)
    digits = f"{Decimal(whole).scaleb(-places):f}"
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"−{digits}" if number < 0 and whole else digits
