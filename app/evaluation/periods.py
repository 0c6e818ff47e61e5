"""Periods of evaluation: day, week, month, quarter, year, and any range of days.  Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.kernel.errors import Refused, sentence

DAY = timedelta(days=1)
UNITS = ("day", "week", "month", "quarter", "year", "range")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
FIRST, LAST, LONGEST = 1900, 2999, 3_660
FORMS = re.compile(
    r"(?P<range>(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d))|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<week>\d{4}-W\d\d)|(?P<month>\d{4}-\d\d)|(?P<quarter>\d{4}-Q[1-4])|(?P<year>\d{4})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Period:
    """The city's days from ``begin`` on, before ``end``; ``code`` is how people write it."""

    code: str
    begin: date
    end: date
    unit: str

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.end - self.begin).days

    @property
    def months(self) -> Fraction:
        """Return how many months it stands for: whole ones as such, else thirty days are one."""
        return Fraction(MONTHS[self.unit]) if self.unit in MONTHS else Fraction(self.days, 30)


def read(code: str) -> Period:
    """Return the period that ``code`` names; ``Refused`` shows how one is written.

    >>> read("2026-11-01..2026-11-15").days, read("2026-Q4").begin.isoformat()
    (15, '2026-10-01')
    """
    match = FORMS.fullmatch(code)
    try:
        found = _made(match.lastgroup or "", code) if match else None
    except ValueError:
        found = None
    if found is None or not 0 < found.days <= LONGEST or not FIRST <= found.begin.year < LAST:
        raise Refused(
            sentence(
                "“%(given)s” is no period. Write it like 2026-11-24, 2026-W48, 2026-11, 2026-Q4,"
                " 2026 or 2026-11-01..2026-11-15."
            ),
            given=code[:40],
        ).about("period")
    return found


def _made(unit: str, code: str) -> Period:
    if unit == "range":
        first, last = (date.fromisoformat(one) for one in code.split(".."))
        return Period(code, first, last + DAY, unit)
    if unit == "week":
        begin = date.fromisocalendar(int(code[:4]), int(code[6:]), 1)
        return Period(code, begin, begin + 7 * DAY, unit)
    if unit == "day":
        begin = date.fromisoformat(code)
        return Period(code, begin, begin + DAY, unit)
    month = {"month": code[5:7], "quarter": str(3 * int(code[6:] or 1) - 2) if unit == "quarter"
             else "1", "year": "1"}[unit]  # fmt: skip
    begin = date(int(code[:4]), int(month), 1)
    return Period(code, begin, _later(begin, MONTHS[unit]), unit)


def _later(first: date, months: int) -> date:
    count = 12 * first.year + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def of(day: date, unit: str) -> Period:
    """Return the period of ``unit`` (not "range") that ``day`` lies in."""
    year, week, _ = day.isocalendar()
    codes = {
        "day": day.isoformat(),
        "week": f"{year:04}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "quarter": f"{day.year:04}-Q{(day.month + 2) // 3}",
        "year": f"{day.year:04}",
    }
    return read(codes[unit])


def before(period: Period) -> Period:
    """Return the period of the same kind just before; before a range, one as many days long.

    >>> before(read("2026-11-11..2026-11-20")).code, before(read("2026-W01")).code
    ('2026-11-01..2026-11-10', '2025-W52')
    """
    if period.unit != "range":
        return of(period.begin - DAY, period.unit)
    begin = period.begin - period.days * DAY
    return Period(f"{begin}..{period.begin - DAY}", begin, period.begin, "range")
