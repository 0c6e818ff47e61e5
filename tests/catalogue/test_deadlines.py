"""When work is due: the worked examples, and an oracle that counts minute by minute."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.rules import Calendar, Limit, deadline
from app.kernel.errors import AppError

NOVEMBER = Calendar(closed={date(2026, 12, 1): "假日"}, opened={date(2026, 11, 28): "调休"})
EXAMPLES = [
    ("2026-11-23 09:00", 4, "wh", "2026-11-23 15:00"),
    ("2026-11-23 16:30", 2, "wh", "2026-11-24 08:30"),
    ("2026-11-27 17:00", 4, "wh", "2026-11-28 11:00"),
    ("2026-11-29 10:00", 1, "wh", "2026-11-30 09:00"),
    ("2026-11-23 10:00", 1, "wd", "2026-11-24 10:00"),
    ("2026-11-30 10:00", 5, "wd", "2026-12-08 10:00"),
    ("2026-11-28 23:30", 2, "uwh", "2026-11-29 01:30"),
    ("2026-11-30 09:15", 3, "nd", "2026-12-03 09:15"),
    ("2026-11-23 08:00", 1, "wd", "2026-11-23 18:00"),
    ("2026-11-23 12:30", 1, "wh", "2026-11-23 15:00"),
    ("2026-11-23 18:00", 1, "wh", "2026-11-24 09:00"),
    ("2026-11-28 09:00", 1, "uwd", "2026-11-29 09:00"),
]


@pytest.mark.parametrize(("start", "value", "unit", "due"), EXAMPLES)
def test_worked_examples(start, value, unit, due):
    found = deadline(datetime.fromisoformat(start), Limit(value, unit), NOVEMBER)
    assert found.due == datetime.fromisoformat(due)


def minute_by_minute(start: datetime, minutes: int, calendar: Calendar) -> datetime:
    """Count working minutes one at a time: slow, and obviously right."""
    at, left = start, minutes
    while left:
        opened = [s for s in calendar.hours(at.date()) if s[0] <= at.time() < s[1]]
        at += timedelta(minutes=1)
        left -= 1 if opened else 0
    return at


@settings(max_examples=120, deadline=None)
@given(
    start=st.datetimes(datetime(2026, 11, 20), datetime(2026, 12, 10)),
    minutes=st.integers(1, 2_000),
)
def test_working_time_agrees_with_counting_minutes(start, minutes):
    start = start.replace(second=0, microsecond=0)
    found = deadline(start, Limit(minutes / 60, "wh"), NOVEMBER).due
    assert abs(found - minute_by_minute(start, minutes, NOVEMBER)) < timedelta(seconds=1)


@given(
    start=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    value=st.floats(0.25, 400),
    unit=st.sampled_from(["uwh", "uwd", "wh", "wd", "nd"]),
)
@settings(max_examples=200, deadline=None)
def test_stretches_add_up_to_the_limit(start, value, unit):
    found = deadline(start, Limit(value, unit), NOVEMBER)
    spent = sum((end - begin for begin, end in found.stretches), timedelta())
    assert abs(spent - found.limit.work) < timedelta(seconds=1)
    assert found.due == found.stretches[-1][1]


def test_a_calendar_without_hours_is_refused_rather_than_walked_for_ever():
    empty = Calendar(spans=((date.min, ()),))
    with pytest.raises(AppError, match="no opening hours"):
        deadline(datetime(2026, 11, 23), Limit(1, "wh"), empty)


@pytest.mark.parametrize(("value", "unit"), [(0, "wh"), (-1, "wh"), (1, "weeks"), (10_001, "nd")])
def test_an_impossible_limit_is_refused(value, unit):
    with pytest.raises(AppError):
        Limit(value, unit)


def test_new_hours_hold_from_their_date_on():
    short = ((datetime(2026, 1, 1, 9).time(), datetime(2026, 1, 1, 12).time()),)
    calendar = Calendar(spans=(*Calendar().spans, (date(2026, 11, 24), short)))
    found = deadline(datetime(2026, 11, 23, 16), Limit(4, "wh"), calendar).due
    assert found == datetime(2026, 11, 24, 11)
