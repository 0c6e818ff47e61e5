"""Periods: how they are written, where they begin and end, and which one comes before."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.periods import UNITS, before, of, read
from app.kernel.errors import Refused


@pytest.mark.parametrize(
    ("code", "unit", "begin", "end"),
    [
        ("2026-11-24", "day", "2026-11-24", "2026-11-25"),
        ("2026-W48", "week", "2026-11-23", "2026-11-30"),
        ("2026-W01", "week", "2025-12-29", "2026-01-05"),
        ("2026-W53", "week", "2026-12-28", "2027-01-04"),
        ("2026-01", "month", "2026-01-01", "2026-02-01"),
        ("2026-12", "month", "2026-12-01", "2027-01-01"),
        ("2026-Q4", "quarter", "2026-10-01", "2027-01-01"),
        ("2026", "year", "2026-01-01", "2027-01-01"),
        ("2026-11-01..2026-11-15", "range", "2026-11-01", "2026-11-16"),
        ("2024-02-29..2024-02-29", "range", "2024-02-29", "2024-03-01"),
    ],
)
def test_a_period_ends_where_the_next_begins(code, unit, begin, end):
    found = read(code)
    assert (found.unit, f"{found.begin}", f"{found.end}") == (unit, begin, end)


@pytest.mark.parametrize(
    "code",
    ["", "26", "2026-00", "2026-1", "abcd-01", "2026-13", "2026-Q5", "2026-Q0", "2026-W54",
     "2025-W53", "2026-W00", "2026-02-30", "2026-11-15..2026-11-01", "2026-11-01..", "0000", "9999",
     "2026-11-01..2099-11-01", "２０２６", "2026-11 ", "2026-11-01...2026-11-02"],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_examples(code):
    with pytest.raises(Refused, match="Write it like"):
        read(code)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(UNITS[:-1]))
def test_a_day_lies_in_its_period_and_the_one_before_ends_there(day, unit):
    found = of(day, unit)
    assert found.begin <= day < found.end
    assert read(found.code) == found
    former = before(found)
    assert (former.end, former.unit) == (found.begin, unit)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 400))
def test_before_a_range_lies_one_as_long(day, days):
    found = read(f"{day}..{day + timedelta(days=days - 1)}")
    former = before(found)
    assert (former.end, former.days) == (found.begin, found.days)
    assert read(former.code) == former
