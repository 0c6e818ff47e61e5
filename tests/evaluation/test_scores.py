"""Scores: the standard's worked example, its brackets, and an oracle with whole fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.rules import bracket_score, evaluate, grade_of, ranks, read, rounded
from app.evaluation.schemes import department_scheme

SCHEME = read(department_scheme())
BULLETIN = {
    "inst_num": 120, "dispose_need_num": 110, "dispose_intime_num": 99,
    "archive_need_num": 100, "archive_num": 96, "rework_num": 4,
}  # fmt: skip


def test_the_worked_example_of_the_standard():
    found = evaluate(SCHEME, BULLETIN)
    assert [round(t.score, 3) for t in found.terms] == [75.0, 96.0, 90.0, 96.364]
    assert (found.score, found.grade) == (92.21, "A")


@pytest.mark.parametrize(
    ("count", "score"),
    [(0, 100), (50, 100), (51, 90), (100, 90), (101, 75), (200, 75), (201, 60), (500, 60),
     (501, 40), (1_000, 40), (1_001, 0), (9_999_999, 0)],
)  # fmt: skip
def test_the_brackets_of_a_departments_load(count, score):
    assert bracket_score(SCHEME.parts[0].brackets, count) == score


@pytest.mark.parametrize(
    ("score", "grade"),
    [(100, "A"), (90, "A"), (89.99, "B"), (75, "B"), (74.99, "C"), (60, "C"), (59.99, "D"),
     (40, "D"), (39.99, "E"), (0, "E"), (None, None)],
)  # fmt: skip
def test_the_grades(score, grade):
    assert grade_of(SCHEME.grades, score) == grade


def test_without_anything_due_the_rates_are_left_out_and_not_counted_as_naught():
    found = evaluate(SCHEME, {"inst_num": 10})
    assert [t.score for t in found.terms] == [100.0, None, None, None]
    assert found.score == 100.0


counts = st.integers(0, 2_000)


@given(counts, counts, counts, counts, counts, counts)
def test_the_composite_agrees_with_exact_fractions(filed, due, intime, need, closed, rework):
    facts = {
        "inst_num": filed, "dispose_need_num": due, "dispose_intime_num": min(intime, due),
        "archive_need_num": need, "archive_num": min(closed, need), "rework_num": min(rework, due),
    }  # fmt: skip
    ladder = [(50, 100), (100, 90), (200, 75), (500, 60), (1_000, 40)]
    load = next((s for most, s in ladder if filed <= most), 0)
    terms = [(Fraction(1, 10), Fraction(load))]
    if need:
        terms.append((Fraction(3, 10), Fraction(100 * min(closed, need), need)))
    if due:
        terms.append((Fraction(3, 10), Fraction(100 * min(intime, due), due)))
        terms.append((Fraction(3, 10), 100 * (1 - Fraction(min(rework, due), due))))
    exact = sum(w * s for w, s in terms) / sum(w for w, _ in terms)
    assert evaluate(SCHEME, facts).score == pytest.approx(float(exact), abs=0.00501)


@pytest.mark.parametrize(
    ("scores", "ranked"),
    [([90, 95, 80], [2, 1, 3]), ([90, 90, 80], [1, 1, 3]), ([None, 50], [None, 1]), ([], [])],
)
def test_equal_scores_share_a_rank(scores, ranked):
    assert ranks(scores) == ranked


@pytest.mark.parametrize(("value", "shown"), [(0.005, 0.01), (1.005, 1.01), (92.2049, 92.2)])
def test_halves_are_rounded_up(value, shown):
    assert rounded(value) == shown
