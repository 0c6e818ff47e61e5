"""Twenty years of random starts, held against a clock that counts one minute after another."""

import random
from datetime import date, datetime, time, timedelta
from functools import cache

import pytest

from app.catalogue.rules import OFFICE, Calendar, Limit, deadline, worked

FIRST, YEARS, STARTS = date(2010, 1, 1), 22, 120
MINUTE = timedelta(minutes=1)
TEN_TO_SIX = ((time(10), time(18)),)
NIGHT = ((time(0), time(4)), (time(20), time(23, 59)))
ROUND_THE_CLOCK = ((time(0), time(23, 59)),)


def made_up() -> dict[date, bool]:
    """Return days that differ, for twenty years: a week of holiday, the Saturday before worked."""
    found = {}
    for year in range(2010, 2032):
        for day in range(7):
            found[date(year, 10, 1 + day)] = False
        before = date(year, 9, 30)
        found[before - timedelta(days=(before.weekday() + 2) % 7)] = True
        found[date(year, 1, 1)] = False
    return found


DIFFERENT = made_up()
NAMED = {
    "closed": {day: "x" for day, on in DIFFERENT.items() if not on},
    "opened": {day: "x" for day, on in DIFFERENT.items() if on},
}
CALENDARS = {
    "office": Calendar(**NAMED),
    "summer hours from 2017 on": Calendar(
        spans=((date.min, OFFICE), (date(2017, 6, 1), TEN_TO_SIX)), **NAMED
    ),
    "six days from 2020 on": Calendar(
        weeks=((date.min, frozenset(range(5))), (date(2020, 1, 1), frozenset(range(6)))), **NAMED
    ),
    "nights, every day": Calendar(
        spans=((date.min, NIGHT),), weeks=((date.min, frozenset(range(7))),)
    ),
}


def is_open(name: str, day: date, minute: int) -> bool:
    """Say whether the shop is open, in plain words and without looking at a ``Calendar``."""
    hour = minute / 60
    if name == "nights, every day":
        return hour < 4 or hour >= 20
    last = 5 if name == "six days from 2020 on" and day.year >= 2020 else 4
    if not DIFFERENT.get(day, day.weekday() <= last):
        return False
    if name == "summer hours from 2017 on" and (day.year, day.month) >= (2017, 6):
        return 10 <= hour < 18
    return 8 <= hour < 12 or 14 <= hour < 18


@cache
def minutes(name: str) -> bytes:
    """Return one byte a minute from 2010 on: 1 while it is open.  Days are of few patterns."""
    patterns: dict[tuple[bool, ...], bytes] = {}
    found = bytearray()
    for n in range(YEARS * 365):
        day = FIRST + timedelta(days=n)
        probe = tuple(is_open(name, day, m) for m in range(0, 1440, 30))
        if probe not in patterns:
            patterns[probe] = bytes(is_open(name, day, m) for m in range(1440))
        found += patterns[probe]
    return bytes(found)


def counted(name: str, start: datetime, left: int, *, always: bool) -> datetime:
    """Count ``left`` minutes from ``start`` on, one at a time."""
    shop = minutes(name)
    at = (start - datetime.combine(FIRST, time(0))) // MINUTE
    while left:
        left -= 1 if always or shop[at] else 0
        at += 1
    return datetime.combine(FIRST, time(0)) + at * MINUTE


PER_UNIT = {"uwh": 60, "uwd": 1440, "wh": 60, "wd": 480, "nd": 1440}


@pytest.mark.parametrize("name", CALENDARS)
@pytest.mark.parametrize("unit", PER_UNIT)
def test_twenty_years_of_starts_agree_with_counting_minutes(name, unit):
    chance = random.Random(f"{name} {unit}")
    for _ in range(STARTS):
        start = datetime(2010, 1, 1) + chance.randrange(20 * 365 * 1440) * MINUTE
        left = chance.randrange(1, 20) * PER_UNIT[unit] // chance.choice((1, 2, 4))
        found = deadline(start, Limit(left / PER_UNIT[unit], unit), CALENDARS[name]).due
        due = counted(name, start, left, always=unit in ("uwh", "uwd", "nd"))
        # The end of a span and the opening of the next are the same working instant.
        assert abs(found - due) < timedelta(seconds=1), (start, left)


@pytest.mark.parametrize("name", CALENDARS)
@pytest.mark.parametrize("unit", PER_UNIT)
def test_what_a_clock_ran_agrees_with_counting_minutes(name, unit):
    chance, shop = random.Random(f"ran {name} {unit}"), minutes(name)
    for _ in range(STARTS):
        at, length = chance.randrange(20 * 365 * 1440), chance.randrange(40 * 1440)
        start = datetime(2010, 1, 1) + at * MINUTE
        stretch = shop[at : at + length] if unit in ("wh", "wd") else b"\1" * length
        found = worked(start, start + length * MINUTE, unit, CALENDARS[name])
        assert found == pytest.approx(sum(stretch) / PER_UNIT[unit])


@pytest.mark.parametrize("name", CALENDARS)
@pytest.mark.parametrize("unit", PER_UNIT)
def test_a_deadline_is_where_the_whole_limit_has_run(name, unit):
    chance = random.Random(f"round {name} {unit}")
    for _ in range(STARTS):
        start = datetime(2010, 1, 1) + chance.randrange(20 * 365 * 1440 * 60) * MINUTE / 60
        value = chance.uniform(0.1, 15)
        due = deadline(start, Limit(value, unit), CALENDARS[name]).due
        assert worked(start, due, unit, CALENDARS[name]) == pytest.approx(value)


@pytest.mark.parametrize("name", ["office", "summer hours from 2017 on"])
def test_a_hold_outside_working_hours_costs_nothing(name):
    chance = random.Random(name)
    for _ in range(STARTS):
        day = FIRST + timedelta(days=chance.randrange(20 * 365))
        evening = datetime.combine(day, time(18)) + chance.randrange(60) * MINUTE
        morning = datetime.combine(day + timedelta(days=1), time(7)) + chance.randrange(60) * MINUTE
        assert worked(evening, morning, "wh", CALENDARS[name]) == 0


@pytest.mark.parametrize("unit", ["wh", "wd"])
def test_open_until_2359_every_day_is_day_and_night(unit):
    always = Calendar(
        spans=((date.min, ROUND_THE_CLOCK),), weeks=((date.min, frozenset(range(7))),)
    )
    chance = random.Random(unit)
    for _ in range(STARTS):
        start = datetime(2010, 1, 1) + chance.randrange(20 * 365 * 1440) * MINUTE
        hours = chance.randrange(1, 400) / 4
        found = deadline(start, Limit(hours * 60 / PER_UNIT[unit], unit), always).due
        assert found == deadline(start, Limit(hours, "uwh"), always).due
        assert worked(start, found, "wh", always) == pytest.approx(hours)


def test_an_end_before_the_start_is_no_time():
    start = datetime(2026, 11, 23, 10)
    assert worked(start, start - timedelta(hours=1), "wh", Calendar()) == 0
    assert worked(start, start - timedelta(hours=1), "nd", Calendar()) == 0
