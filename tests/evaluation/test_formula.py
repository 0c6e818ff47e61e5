"""Formulas: what they mean, that nothing else is understood, and where a fault lies."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.formula import filled, indicators, parse, value
from app.kernel.errors import Refused

NAMES = ("a", "b", "inst_num")
FACTS = {"a": 3, "b": 0, "inst_num": 120}

numbers = st.integers(0, 999).map(str) | st.decimals(0, 99, places=2, allow_nan=False).map(
    lambda d: f"{d:f}"
)
atoms = numbers | st.sampled_from(NAMES)
formulas = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(("min", "max")), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
        inner.map(lambda one: f"(-({one}))"),
    ),
    max_leaves=12,
)


def by_python(text):
    """Work a formula out as Python would, every number a fraction; the slow, plain reading."""
    scope = {name: Fraction(n) for name, n in FACTS.items()} | {"min": min, "max": max}
    code = "".join(
        f"F('{word}')" if word[0].isdigit() else word
        for word in re.findall(r"\d+(?:\.\d+)?|[a-z_]+|.", text)
    )
    try:
        return eval(code, {"F": Fraction, "__builtins__": {}}, scope)  # noqa: S307
    except ZeroDivisionError:
        return None


@given(formulas)
def test_a_formula_gives_exactly_what_fractions_give(text):
    if len(text) <= 400:
        assert value(parse(text), FACTS) == by_python(text)


@given(formulas)
def test_a_formula_written_out_again_means_the_same(text):
    if len(text) <= 300:
        node = parse(text)
        # Long decimals are shortened for people, so only those that are kept whole are held to it.
        assert value(parse(filled(node)), FACTS) == value(node, FACTS)


@given(st.text(max_size=60) | st.text("ab()+-*/ 1.,minx", max_size=60))
def test_whatever_is_typed_is_read_or_refused_with_a_sentence(text):
    said = "."
    try:
        parse(text)
    except Refused as fault:
        said = fault.message
    assert said.endswith(".")


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a +", "(a", "a)", "min a", "min()", "1..2", "a ** b", "__import__('os')", "a.b",
     "a[0]", "lambda: 1", "a if b else 1", "1e9", "a;b", "'x'", "A", "a < b", "min(a,)", "--a"],
)  # fmt: skip
def test_what_the_grammar_does_not_know_is_refused(text):
    with pytest.raises(Refused):
        parse(text)


@pytest.mark.parametrize(
    ("text", "near", "at"),
    [("a + $", "$", 5), ("a / (b", None, 7), ("a b", "b", 3), ("a +)", ")", 4)],
)
def test_a_fault_points_at_its_place(text, near, at):
    with pytest.raises(Refused) as fault:
        parse(text)
    assert (fault.value.facts.get("near"), fault.value.facts["at"]) == (near, at)


def test_depth_and_length_have_an_end():
    for text in ("(" * 30 + "a" + ")" * 30, "a+" * 250 + "a"):
        with pytest.raises(Refused):
            parse(text)


def test_nothing_to_divide_by_is_no_data_however_deep():
    assert value(parse("1 + max(a / b, 3)"), FACTS) is None


def test_a_mark_from_outside_that_nobody_gave_is_no_data_but_a_count_is_none():
    assert value(parse("satisfaction"), {}) is None
    assert value(parse("media + inst_num"), {}) == 0


def test_brackets_stand_where_they_are_needed_and_only_there():
    shown = [
        filled(parse(text), {"a": 1, "b": 2})
        for text in ("a-(b-a)", "(a-b)-a", "(a*b)/a", "a/(b*a)", "a*(b+a)", "min(a,b)*2", "-(a+b)")
    ]
    assert shown == ["1 − (2 − 1)", "1 − 2 − 1", "1 × 2 ÷ 1", "1 ÷ (2 × 1)", "1 × (2 + 1)",
                     "min(1, 2) × 2", "−(1 + 2)"]  # fmt: skip


def test_the_indicators_of_a_formula_are_named_once_each():
    assert indicators(parse("a / b + min(a, inst_num)")) == ("a", "b", "inst_num")
