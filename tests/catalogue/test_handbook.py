"""Grades, effective dates, calendars by department and post, and the words for a deadline."""

from datetime import date, datetime, time

import pytest

from app.catalogue.announced import next_year
from app.catalogue.rules import Calendar, Condition, Handbook, Limit, deadline
from app.catalogue.why import Told, why
from app.kernel.errors import Refused

TODAY = date(2026, 11, 24)
ALL = Condition(1, "broken", Limit(5, "wh"), "mended")
URGENT = Condition(2, "dangerous", Limit(2, "uwh"), "safe")
OWN = Condition(3, "broken", Limit(9, "wh"), "mended", "C")
OLD = Condition(4, "dirty", Limit(8, "wh"), "clean", "B", date(2020, 1, 1), date(2026, 1, 1))
NEW = Condition(5, "dirty", Limit(4, "wh"), "clean", "B", date(2026, 1, 1), None, 4)
NIGHTS = Calendar("nights", spans=((date.min, ((time(20), time(23, 59)),)),))
BOOK = Handbook(
    {},
    {"E0102": (ALL, URGENT), "E0103": (ALL, OWN), "E0104": (OLD, NEW)},
    {"default": Calendar(), "nights": NIGHTS},
    (),
    {"HW": "x"},
    departments_by={"HW": ((date(2026, 1, 1), "nights"), (date(2026, 12, 1), None))},
    posts_by={"agent": ((date(2020, 1, 1), "nights"),)},
    beats=((1, "", "HW"), (1, "E01", "YL")),
)


@pytest.mark.parametrize(
    ("kind", "grade", "limits"),
    [
        ("E0102", "A", ["4 wh", "2 uwh"]),
        ("E0102", "B", ["5 wh", "2 uwh"]),
        ("E0102", "C", ["7.5 wh", "2 uwh"]),
        ("E0103", "A", ["4 wh"]),
        ("E0103", "C", ["9 wh"]),
    ],
)
def test_a_limit_is_that_of_the_areas_grade(kind, grade, limits):
    found = BOOK.conditions_for(kind, grade=grade, on=TODAY)
    assert [f"{c.limit.value:g} {c.limit.unit}" for c in found] == limits


@pytest.mark.parametrize(
    ("value", "unit", "share", "becomes"),
    [
        (5, "wh", 0.75, 4),
        (1, "wd", 0.75, 1),
        (0.5, "wd", 0.75, 0.5),
        (4, "nd", 0.75, 3),
        (2, "uwd", 0.75, 2),
        (2, "uwh", 1.5, 2),
        (1, "wd", 1.5, 1.5),
        (3, "wh", 1, 3),
    ],
)
def test_a_scaled_limit_is_rounded_up_but_never_beyond_what_it_was(value, unit, share, becomes):
    assert Limit(value, unit).scaled(share) == Limit(becomes, unit)


@pytest.mark.parametrize(("on", "number"), [(date(2025, 12, 31), 4), (date(2026, 1, 1), 5)])
def test_the_condition_of_the_day_of_filing_holds(on, number):
    assert [c.id for c in BOOK.conditions_for("E0104", on=on)] == [number]
    assert BOOK.successor(OLD, "E0104", on=on).id == number


@pytest.mark.parametrize(
    ("department", "post", "on", "name"),
    [
        ("HW", None, date(2025, 12, 31), "default"),
        ("HW", None, date(2026, 1, 1), "nights"),
        ("HW", None, date(2026, 12, 1), "default"),
        ("HW", "agent", date(2026, 12, 1), "nights"),
        ("YL", None, TODAY, "default"),
        (None, "agent", TODAY, "nights"),
        (None, "dispatcher", TODAY, "default"),
        (None, None, TODAY, "default"),
    ],
)
def test_a_clock_is_walked_by_whose_it_is(department, post, on, name):
    assert BOOK.calendar_for(department=department, post=post, on=on).name == name


def test_a_calendar_that_is_not_there_is_refused():
    with pytest.raises(Refused):
        BOOK.calendar("moon")


@pytest.mark.parametrize(
    ("beat", "kind", "department"), [(1, "E0102", "YL"), (1, "C01", "HW"), (2, "E01", None)]
)
def test_a_beat_belongs_to_the_department_of_the_closest_kind(beat, kind, department):
    assert BOOK.beat_department(beat, kind) == department


HOLIDAYS = Calendar(
    closed={date(2026, 10, d): "国庆节" for d in range(1, 8)},
    opened={date(2026, 10, 10): "国庆节"},
    announced=frozenset({2026}),
)


def lines(found, calendar, told=Told()):  # noqa: B008
    return [said.message % said.facts for said in why(found, calendar, told)]


def test_the_words_name_condition_calendar_stretches_and_holidays():
    found = deadline(datetime(2026, 9, 30, 16), Limit(20, "wh"), HOLIDAYS)
    told = lines(found, HOLIDAYS, Told(ALL, "A", extensions=1, stored=found.due))
    assert told[0] == "The limit is 20 working hours: filing condition “broken”, area grade A."
    assert "calendar “default”" in told[1]
    assert "2026-09-30 16:00 to 18:00: 2 h 0 min" in told
    assert "Not counted, day off: 10-01, 10-02, 10-05, 10-06, 10-07 (国庆节)" in told
    assert "Counted, make-up working day: 10-10 (国庆节)" in told
    assert "It was extended 1 times, each time by one whole limit." in told
    assert told[-1] == "So it is due at 2026-10-10 10:00."


def test_the_words_of_a_continuous_clock_name_no_calendar():
    found = deadline(datetime(2026, 9, 30, 16), Limit(2, "uwh"), HOLIDAYS)
    assert lines(found, HOLIDAYS) == [
        "The limit is 2 urgent working hours.",
        "It runs day and night from 2026-09-30 16:00 on.",
        "So it is due at 2026-09-30 18:00.",
    ]


def test_a_deadline_of_an_older_calendar_says_so():
    found = deadline(datetime(2026, 9, 30, 16), Limit(20, "wh"), HOLIDAYS)
    told = lines(found, HOLIDAYS, Told(stored=datetime(2026, 10, 5, 11)))
    assert "2026-10-05 11:00" in told[-1]
    assert "older calendar" in told[-1]


def test_pauses_are_told_with_their_ends():
    found = deadline(datetime(2026, 9, 30, 16), Limit(2, "wh"), HOLIDAYS)
    begun, ended = datetime(2026, 9, 30, 16, 30), datetime(2026, 9, 30, 17)
    told = lines(found, HOLIDAYS, Told(pauses=((begun, ended), (ended, None))))
    assert (
        "It was stopped from 2026-09-30 16:30 to 2026-09-30 17:00: that time is not counted."
        in (told)
    )
    assert "It has been stopped since 2026-09-30 17:00." in told


def test_a_long_way_is_cut_in_the_middle():
    found = deadline(datetime(2026, 9, 30, 16), Limit(200, "wh"), HOLIDAYS)
    told = lines(found, HOLIDAYS)
    assert sum(" min" in line for line in told) == 6
    assert any(line.startswith("… and ") for line in told)


SEVEN = frozenset(range(7))


@pytest.mark.parametrize(
    ("today", "announced", "known", "loud"),
    [
        (date(2026, 11, 30), {2026}, False, False),
        (date(2026, 12, 1), {2026}, False, True),
        (date(2026, 12, 31), {2026, 2027}, True, False),
        (date(2027, 1, 1), {2026, 2027}, False, False),
    ],
)
def test_from_december_on_a_year_that_is_not_announced_is_a_warning(today, announced, known, loud):
    found = next_year(Calendar(announced=frozenset(announced)), today)
    assert (found.known, found.loud) == (known, loud)
    assert found.said.message.startswith("WARNING") == loud


def test_a_service_of_seven_days_needs_no_holidays():
    assert next_year(Calendar(weeks=((date.min, SEVEN),)), date(2026, 12, 1)) is None
