"""Holiday files are read day by day, or refused with the place of the fault."""

import json
from datetime import date

import pytest

from grid_codes.faults import HolidayFileFault
from grid_codes.holidays import DayOff, parse_holidays

NEW_YEAR = {"name": "元旦", "date": "2026-01-01", "isOffDay": True}
MAKE_UP = {"name": "元旦", "date": "2026-01-04", "isOffDay": False}


def file_of(*days):
    return json.dumps({"year": 2026, "papers": [], "days": days})


def test_days_off_and_make_up_days_come_in_date_order():
    assert parse_holidays(file_of(MAKE_UP, NEW_YEAR)) == (
        DayOff(date(2026, 1, 1), is_off=True, name="元旦"),
        DayOff(date(2026, 1, 4), is_off=False, name="元旦"),
    )


def test_a_year_without_holidays_is_a_file_all_the_same():
    assert parse_holidays(file_of().encode()) == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not valid JSON"),
        (b"\xff\xfe\x00", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", 'no list called "days"'),
        ('{"days": {}}', 'no list called "days"'),
        (file_of("2026-01-01"), "Entry 1 .* lacks"),
        (file_of(NEW_YEAR, {**MAKE_UP, "isOffDay": 0}), "Entry 2 .* lacks"),
        (file_of({"date": "2026-01-01", "isOffDay": True}), "Entry 1 .* lacks"),
        (file_of({**NEW_YEAR, "date": "2026-02-30"}), "Entry 1 .* no valid date"),
        (file_of({**NEW_YEAR, "date": None}), "Entry 1 .* no valid date"),
        (file_of(NEW_YEAR, {**NEW_YEAR, "isOffDay": False}), "names 2026-01-01 twice"),
    ],
)
def test_a_malformed_file_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(HolidayFileFault, match=sentence):
        parse_holidays(text)
