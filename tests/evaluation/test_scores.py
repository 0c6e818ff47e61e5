"""Scores: the standard's worked example, its brackets, and an oracle with whole fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.rules import bracket_score, evaluate, explain, grade_of, ranks, read, rounded
from app.evaluation.schemes import county_scheme, department_scheme, points_scheme, standard

SCHEME = read(department_scheme())
LOAD = SCHEME.parts[0].tables[""]
BULLETIN = {
    "inst_num": 120, "dispose_need_num": 110, "dispose_intime_num": 99,
    "archive_need_num": 100, "archive_num": 96, "rework_num": 4,
}  # fmt: skip


def test_the_worked_example_of_the_standard():
    found = evaluate(SCHEME, BULLETIN)
    assert [str(rounded(1000 * t.score)) for t in found.terms] == [
        "75000.00", "96000.00", "90000.00", "96363.64",
    ]  # fmt: skip
    assert (str(found.score), found.grade.grade) == ("92.21", "A")
    assert [str(rounded(t.points)) for t in found.terms] == ["7.50", "28.80", "27.00", "28.91"]


def test_each_term_shows_its_numbers_put_in():
    assert [explain(t, BULLETIN) for t in evaluate(SCHEME, BULLETIN).terms] == [
        "120 → 75.00 × 0.1 = 7.50",
        "96 ÷ 100 = 0.96 → 96.00 × 0.3 = 28.80",
        "99 ÷ 110 = 0.9 → 90.00 × 0.3 = 27.00",
        "4 ÷ 110 = 0.0364 → 96.36 × 0.3 = 28.91",
    ]


def test_the_bulletin_of_a_city():
    found = evaluate(read(standard("region")), {
        "archive_need_num": 972, "archive_num": 911, "archive_intime_num": 737,
    })  # fmt: skip
    assert [str(rounded(t.score)) for t in found.terms[2:]] == ["93.72", "75.82"]


@pytest.mark.parametrize(
    ("count", "score"),
    [(0, 100), (50, 100), (51, 90), (100, 90), (101, 75), (200, 75), (201, 60), (500, 60),
     (501, 40), (1_000, 40), (1_001, 0), (9_999_999, 0)],
)  # fmt: skip
def test_the_brackets_of_a_departments_load(count, score):
    assert bracket_score(LOAD, count) == score


@pytest.mark.parametrize(
    ("score", "grade"),
    [("100", "A"), ("90", "A"), ("89.99", "B"), ("75", "B"), ("74.99", "C"), ("60", "C"),
     ("59.99", "D"), ("40", "D"), ("39.99", "E"), ("0", "E"), (None, None)],
)  # fmt: skip
def test_the_grades(score, grade):
    found = grade_of(SCHEME.grades, None if score is None else Decimal(score))
    assert (found and found.grade) == grade


def test_without_anything_due_the_rates_are_left_out_and_not_counted_as_naught():
    found = evaluate(SCHEME, {"inst_num": 10})
    assert [t.score for t in found.terms] == [100, None, None, None]
    assert found.score == 100


def test_of_whom_nothing_is_known_there_is_no_score():
    assert evaluate(SCHEME, {}).score is None
    assert evaluate(read(standard("region")), {"cell_num": 40, "area_class": 1}).score is None
    assert evaluate(read(county_scheme()), {"inst_num": 0}).score is None


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
    found = evaluate(SCHEME, facts).score
    if not any(facts.values()):
        assert found is None
    else:
        assert abs(Fraction(found) - exact) <= Fraction(1, 200)
        assert Fraction(found) > exact - Fraction(1, 200)


# Each default scheme, worked out by hand.
BY_HAND = {
    "region": ({"public_confirmed_num": 60, "inst_num": 600, "cell_num": 200, "area_class": 2,
                "archive_need_num": 550, "archive_num": 500, "archive_intime_num": 440},
               "86.27", "B"),  # 90·.1 + 90·.2 + 90.909·.3 + 80·.4 = 9 + 18 + 27.273 + 32
    "inspector": ({"report_num": 80, "valid_report_num": 60, "inst_num": 50, "miss_report_num": 5,
                   "confirm_need_num": 20, "confirm_intime_num": 19, "verify_need_num": 10,
                   "verify_intime_num": 7}, "81.00", "B"),  # 75·.4 + 90·.2 + 95·.2 + 70·.2
    "agent": ({"accept_num": 700, "confirm_dispatch_need_num": 40,
               "confirm_dispatch_intime_num": 38, "verify_need_num": 50,
               "verify_dispatch_intime_num": 45}, "88.25", "B"),  # 75·.25 + 95·.4 + 90·.35
    "shift_leader": ({"inst_need_num": 200, "inst_intime_num": 190, "inst_num": 300,
                      "cancel_num": 6, "archive_need_num": 100, "archive_intime_num": 80},
                     "90.95", "A"),  # 95·.25 + 98·.4 + 80·.35
    "dispatcher": ({"dispatch_num": 250, "dispatch_need_num": 240, "dispatch_intime_num": 228,
                    "dispatch_wrong_num": 12}, "84.00", "B"),  # 40·.2 + 95·.4 + 95·.4
}  # fmt: skip


@pytest.mark.parametrize("object_type", BY_HAND)
def test_the_standards_other_schemes_by_hand(object_type):
    facts, score, grade = BY_HAND[object_type]
    found = evaluate(read(standard(object_type)), facts)
    assert (str(found.score), found.grade.grade) == (score, grade)


def test_the_variant_with_thresholds_by_hand():
    facts = {
        "archive_need_num": 110, "slow_num": 10, "archive_intime_num": 65, "archive_num": 99,
        "urgent_num": 20, "urgent_archive_num": 20, "urgent_archive_intime_num": 19,
        "rework_case_num": 5, "rework_thrice_num": 2, "shirk_num": 1, "false_report_num": 1,
    }  # fmt: skip
    found = evaluate(read(county_scheme()), facts)
    # 65 % of 70 % → 50 − 5; 99/110 = 90 % → 20; all urgent ones closed, 95 % in time → 10; 20
    assert [str(rounded(t.points)) for t in found.terms] == ["45.00", "20.00", "10.00", "20.00"]
    # three cases × 0.2, two × 0.5, one false report, one shirked
    assert [str(rounded(d.points)) for d in found.deductions] == ["0.60", "1.00", "1.00", "1.00"]
    assert str(found.score) == "91.40"


@pytest.mark.parametrize(("closed", "intime", "points"), [(19, 19, 0), (20, 18, 0), (20, 20, 10)])
def test_urgent_cases_bring_their_points_whole_or_not_at_all(closed, intime, points):
    facts = {"urgent_num": 20, "urgent_archive_num": closed, "urgent_archive_intime_num": intime}
    facts |= {"archive_need_num": 10, "archive_num": 10, "archive_intime_num": 10}
    assert evaluate(read(county_scheme()), facts).terms[2].points == points


def test_what_a_house_does_not_count_is_no_data_and_takes_nothing_off():
    facts = {"archive_need_num": 10, "archive_num": 10, "archive_intime_num": 10, "urgent_num": 3}
    found = evaluate(read(county_scheme()), facts)
    # No urgent case was closed, which is told; of false reports nobody keeps a count.
    assert (found.terms[2].score, found.deductions, str(found.score)) == (0, (), "90.00")


def test_the_variant_of_points_by_hand():
    facts = {"dispose_need_num": 50, "dispose_intime_num": 45, "rework_num": 5,
             "satisfaction": Fraction(86), "leader_mark": Fraction(171, 2), "media": 7}  # fmt: skip
    found = evaluate(read(points_scheme()), facts)
    # 90·.7 + 90·.05 + 86·.05 + 85.5·.1 + 10 − 5 (seven exposures, five at most)
    assert [str(rounded(t.points)) for t in found.terms] == [
        "63.00", "4.50", "4.30", "8.55", "10.00",
    ]  # fmt: skip
    assert str(found.score) == "85.35"


def test_a_mark_that_nobody_gave_leaves_its_weight_to_the_others():
    found = evaluate(read(points_scheme()), {"dispose_need_num": 50, "dispose_intime_num": 45})
    assert [t.points is None for t in found.terms] == [False, False, True, True, False]
    # (70·90 + 5·100 + 10·100) / 85
    assert str(found.score) == "91.76"


@pytest.mark.parametrize(
    ("months", "count", "score"),
    [
        (1, 150, 75),
        (3, 150, 100),
        (12, 1_200, 90),
        (Fraction(1, 30), 2, 90),
        (Fraction(7, 30), 47, 60),
    ],
)
def test_the_load_is_judged_by_the_length_of_the_period(months, count, score):
    found = evaluate(SCHEME, {"inst_num": count}, months=Fraction(months))
    assert found.terms[0].score == score


@pytest.mark.parametrize(("grade", "score"), [(1, 75), (2, 90), (3, 90)])
def test_a_region_is_judged_by_the_class_of_its_area(grade, score):
    facts = {"inst_num": 30, "cell_num": 10, "area_class": grade}
    assert evaluate(read(standard("region")), facts).terms[1].score == score


def test_the_load_can_be_judged_by_how_many_parts_a_department_keeps():
    document = department_scheme()
    document["parts"][0] |= {"scale": ["days", "parts"], "per_parts": 1_000}
    scheme = read(document)
    assert evaluate(scheme, {"inst_num": 480, "part_num": 8_000}).terms[0].score == 90
    assert evaluate(scheme, {"inst_num": 480}).terms[0].score == 60


def test_all_deductions_together_stop_at_the_schemes_cap():
    document = county_scheme() | {"cap": "1.5"}
    facts = {"archive_need_num": 10, "archive_num": 10, "archive_intime_num": 10,
             "shirk_num": 1, "false_report_num": 4}  # fmt: skip
    assert sum(d.points for d in evaluate(read(document), facts).deductions) == Fraction(3, 2)


@pytest.mark.parametrize(
    ("scores", "ranked"),
    [([90, 95, 80], [2, 1, 3]), ([90, 90, 80], [1, 1, 3]), ([None, 50], [None, 1]), ([], [])],
)
def test_equal_scores_share_a_rank(scores, ranked):
    assert ranks(scores) == ranked


@pytest.mark.parametrize(
    ("value", "shown"), [("0.005", "0.01"), ("1.005", "1.01"), ("92.2049", "92.20"), ("0", "0.00")]
)
def test_halves_are_rounded_up(value, shown):
    assert str(rounded(Fraction(value))) == shown
