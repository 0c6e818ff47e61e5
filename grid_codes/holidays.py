"""Days off and make-up working days (调休) in the holiday-cn JSON format."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from grid_codes.faults import HolidayFileFault


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day that differs from the week's pattern; ``is_off`` False is a make-up working day."""

    day: date
    is_off: bool
    name: str


def parse_holidays(text: str | bytes) -> tuple[DayOff, ...]:
    """Return the days of a holiday file in date order, or raise ``HolidayFileFault``."""
    days = [_day(entry, at) for at, entry in enumerate(_entries(text), start=1)]
    days.sort(key=lambda d: d.day)
    for earlier, later in pairwise(days):
        if earlier.day == later.day:
            raise HolidayFileFault(
                "The holiday file names %(date)s twice. Keep one of the two entries.",
                date=later.day.isoformat(),
            )
    return tuple(days)


def _entries(text: str | bytes) -> list[object]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as broken:
        raise HolidayFileFault("The holiday file is not valid JSON in UTF-8.") from broken
    days = document.get("days") if isinstance(document, dict) else None
    if not isinstance(days, list):
        raise HolidayFileFault('The holiday file has no list called "days".')
    return days


def _day(entry: object, at: int) -> DayOff:
    fields: Mapping[str, object] = entry if isinstance(entry, dict) else {}
    is_off, name = fields.get("isOffDay"), fields.get("name")
    if not isinstance(is_off, bool) or not isinstance(name, str):
        raise HolidayFileFault(
            'Entry %(at)s of the holiday file lacks "isOffDay" (true or false) or "name".', at=at
        )
    return DayOff(_date(fields.get("date"), at), is_off, name)


def _date(value: object, at: int) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as wrong:
        raise HolidayFileFault(
            "Entry %(at)s of the holiday file has no valid date: write it as 2026-10-01.", at=at
        ) from wrong
