"""When work is due, who it goes to, and which kind is meant.

Pure: limits, calendars and tables are read elsewhere and handed in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from math import ceil

from app.catalogue.routing import Route
from app.kernel.errors import AppError, Refused, sentence

HOUR = timedelta(hours=1)
WORKING_DAY = 8 * HOUR
FARTHEST = timedelta(days=3_660)
"""No limit reaches ten years; a calendar without openings must not loop for ever."""

CONTINUOUS = {"uwh": HOUR, "uwd": 24 * HOUR, "nd": 24 * HOUR}
WORKED = {"wh": HOUR, "wd": WORKING_DAY}
UNITS = (*CONTINUOUS, *WORKED)
SOON = 0.8
"""From this share of a limit on the lamp is yellow (standards §5.3)."""

Span = tuple[time, time]
OFFICE: tuple[Span, ...] = ((time(8), time(12)), (time(14), time(18)))
LAST_MINUTE = time(23, 59)
"""A span that closes in the last minute of a day closes at its end: no clock shows 24:00."""
WEEK = frozenset(range(5))
"""The weekdays worked where nothing else is said, Monday being 0."""

GRADES = ("A", "B", "C")
SHARES: Mapping[str, float] = {"A": 0.75, "B": 1.0, "C": 1.5}
"""What the limits of a core, an ordinary and an outer area are of the one value that a city has
set (standards §6.1, proposed); a city's own shares are the rows of ``grade_shares``."""
UNSCALED = frozenset({"uwh", "uwd"})
"""Emergencies have the same limit everywhere."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many of a unit: 紧急工作时 uwh, 紧急工作日 uwd, 工作时 wh, 工作日 wd, 自然日 nd."""

    value: float
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise AppError(sentence("Unknown unit “%(unit)s”."), unit=self.unit)
        if not 0 < self.value <= 10_000:
            raise AppError(sentence("A limit must be a number between 0 and 10000."))

    @property
    def work(self) -> timedelta:
        """Return the time this limit takes, on the clock of its unit."""
        return self.value * (CONTINUOUS | WORKED)[self.unit]

    def share(self, part: float) -> "Limit":
        """Return ``part`` of this limit, on the same clock."""
        return Limit(self.value * part, self.unit)

    def scaled(self, share: float) -> "Limit":
        """Return ``share`` of this limit for an area's grade; emergencies are not scaled.

        A shorter limit is rounded up to a whole unit, never beyond what it was (standards §6.1).

        >>> Limit(5, "wh").scaled(0.75), Limit(1, "wd").scaled(1.5), Limit(2, "uwh").scaled(1.5)
        (Limit(value=4, unit='wh'), Limit(value=1.5, unit='wd'), Limit(value=2, unit='uwh'))
        """
        if self.unit in UNSCALED or share == 1:
            return self
        if share > 1:
            return self.share(share)
        return Limit(min(ceil(round(self.value * share, 6)), self.value), self.unit)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening spans and weekdays by the date they hold from, and the days that differ.

    A service that works every day has a week of seven days and no days off.
    """

    name: str = "default"
    spans: tuple[tuple[date, tuple[Span, ...]], ...] = ((date.min, OFFICE),)
    weeks: tuple[tuple[date, frozenset[int]], ...] = ((date.min, WEEK),)
    closed: Mapping[date, str] = field(default_factory=dict)
    opened: Mapping[date, str] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Say whether ``day`` is worked, make-up Saturdays (调休) included."""
        return day in self.opened or (day.weekday() in self.week(day) and day not in self.closed)

    def week(self, day: date) -> frozenset[int]:
        """Return the weekdays worked as of ``day``, Monday being 0."""
        return next((week for since, week in reversed(self.weeks) if since <= day), WEEK)

    def hours(self, day: date) -> tuple[Span, ...]:
        """Return the opening spans of ``day``: none on a day off."""
        return self.spans_on(day) if self.is_working(day) else ()

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """Return the opening spans of a working day as of ``day``."""
        return next((spans for since, spans in reversed(self.spans) if since <= day), ())

    def openings(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield every span still to be worked from ``start`` on, the first one cut short."""
        day, last = start.date(), start.date() + FARTHEST
        while day <= last:
            for opens, closes in self.hours(day):
                begin = datetime.combine(day, opens, start.tzinfo)
                end = _closing(day, closes, start)
                if end > start:
                    yield max(begin, start), end
            day += timedelta(days=1)
        raise AppError(sentence("Calendar “%(name)s” has no opening hours."), name=self.name)


def _closing(day: date, closes: time, start: datetime) -> datetime:
    if closes >= LAST_MINUTE:
        return datetime.combine(day + timedelta(days=1), time(0), start.tzinfo)
    return datetime.combine(day, closes, start.tzinfo)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When work is due, and the stretches of time that lead there."""

    start: datetime
    due: datetime
    limit: Limit
    stretches: tuple[tuple[datetime, datetime], ...]


def deadline(start: datetime, limit: Limit, calendar: Calendar) -> Deadline:
    """Return when work begun at ``start`` (city time) must be done, and how one gets there.

    Only opening hours count for working hours and days; a start outside them counts
    from the next opening.  A limit in working days is walked as eight working hours
    a day.  Urgent units and natural days run day and night (standards §6.2).

    >>> friday = datetime(2026, 11, 20, 17, 30)
    >>> str(deadline(friday, Limit(2, "wh"), Calendar()).due)
    '2026-11-23 09:30:00'
    >>> str(deadline(friday, Limit(2, "uwh"), Calendar()).due)
    '2026-11-20 19:30:00'
    """
    if limit.unit in CONTINUOUS:
        due = start + limit.work
        return Deadline(start, due, limit, ((start, due),))
    left, stretches = limit.work, []
    for begin, end in calendar.openings(start):
        if left <= end - begin:
            stretches.append((begin, begin + left))
            break
        stretches.append((begin, end))
        left -= end - begin
    return Deadline(start, stretches[-1][1], limit, tuple(stretches))


def worked(start: datetime, end: datetime, unit: str, calendar: Calendar) -> float:
    """Return how much of the clock of ``unit`` ran from ``start`` to ``end``, in that unit.

    The other way round to ``deadline``: nothing runs outside opening hours, so a hold there
    costs nothing; an end before the start is no time at all.

    >>> friday, monday = datetime(2026, 11, 20, 18), datetime(2026, 11, 23, 9)
    >>> worked(friday, monday, "wh", Calendar()), worked(friday, monday, "uwh", Calendar())
    (1.0, 63.0)
    """
    if end <= start:
        return 0.0
    if unit in CONTINUOUS:
        return (end - start) / CONTINUOUS[unit]
    ran = timedelta()
    for begin, closes in calendar.openings(start):
        if begin >= end:
            break
        ran += min(closes, end) - begin
    return ran / WORKED[unit]


UNIT_NAMES = {
    "uwh": sentence("urgent working hours"),
    "uwd": sentence("urgent working days"),
    "wh": sentence("working hours"),
    "wd": sentence("working days"),
    "nd": sentence("natural days"),
}


def explain(found: Deadline, unit: str = "") -> str:
    """Return the way to a deadline in one line; ``unit`` is its name in the reader's language.

    >>> print(explain(deadline(datetime(2026, 11, 20, 17), Limit(4, "wh"), Calendar())))
    4 wh: 11-20 17:00 +1h00 → 11-23 08:00 +3h00 → 11-23 11:00
    """
    shown = found.stretches
    steps = [f"{begin:%m-%d %H:%M} +{_hours(end - begin)}" for begin, end in shown]
    if len(steps) > 6:
        steps = [*steps[:3], f"… {len(steps) - 5} …", *steps[-2:]]
    return f"{found.limit.value:g} {unit or found.limit.unit}: " + " → ".join(
        [*steps, f"{found.due:%m-%d %H:%M}"]
    )


def _hours(length: timedelta) -> str:
    minutes = round(length.total_seconds() / 60)
    return f"{minutes // 60}h{minutes % 60:02d}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A small class as the handbook knows it; ``id`` is C or E and the code."""

    id: str
    family: str
    code: str
    name: str
    name_en: str
    big_code: str
    big_name: str
    pinyin: str = ""
    initials: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """A filing condition (立案条件) of a kind, with its limit, from a day on to before another.

    ``area_grade`` ALL means that the city gives one value, which is scaled by the grade.
    """

    id: int
    text: str
    limit: Limit
    closing: str
    area_grade: str = "ALL"
    since: date = date.min
    until: date | None = None
    replaces: int | None = None

    def holds(self, on: date) -> bool:
        """Say whether cases filed on the day ``on`` are filed by this condition."""
        return self.since <= on and (self.until is None or on < self.until)


Assigned = tuple[tuple[date, str | None], ...]
"""Which calendar somebody works by, from when on; None is the city's own."""


@dataclass(frozen=True, slots=True)
class Handbook:
    """All of the command handbook that judging a case needs, as of one version."""

    kinds: Mapping[str, Kind]
    conditions: Mapping[str, tuple[Condition, ...]]
    calendars: Mapping[str, Calendar]
    routes: tuple[Route, ...]
    departments: Mapping[str, str]
    version: int = 0
    shares: tuple[tuple[date, Mapping[str, float]], ...] = ((date.min, SHARES),)
    departments_by: Mapping[str, Assigned] = field(default_factory=dict)
    posts_by: Mapping[str, Assigned] = field(default_factory=dict)
    beats: tuple[tuple[int, str, str], ...] = ()
    """Beat, beginning of the kinds, department: which beats belong to a department."""

    def kind(self, given: str, *, with_part: bool = False) -> Kind:
        """Return the kind meant by ``given``, or raise ``Refused`` naming what is wrong.

        Part and event codes overlap.  A bare code means an event, unless the report
        names a part; ``C0101`` and ``E0101`` say outright which is meant.
        """
        letters = ("C", "E") if with_part else ("E", "C")
        for candidate in (given, *(letter + given for letter in letters)):
            if found := self.kinds.get(candidate):
                return found
        raise Refused(
            sentence("There is no kind “%(kind)s”. Choose one of the code table."), kind=given
        ).about("kind")

    def calendar(self, name: str = "default") -> Calendar:
        """Return the calendar ``name``, or raise ``Refused``."""
        if name not in self.calendars:
            raise Refused(sentence("There is no calendar “%(name)s”."), name=name)
        return self.calendars[name]

    def condition(self, kind: str, condition_id: int) -> Condition | None:
        """Return condition ``condition_id`` if it belongs to ``kind``."""
        return next((c for c in self.conditions.get(kind, ()) if c.id == condition_id), None)

    def calendar_for(
        self, *, department: str | None = None, post: str | None = None, on: date
    ) -> Calendar:
        """Return the calendar that a clock of ``department`` or ``post`` is walked by on a day.

        The department's own, else the post's own, else the city's.
        """
        for assigned in (self.departments_by.get(department or ""), self.posts_by.get(post or "")):
            found = next((name for since, name in reversed(assigned or ()) if since <= on), None)
            if found is not None:
                return self.calendar(found)
        return self.calendar()

    def conditions_for(self, kind: str, *, grade: str = "B", on: date) -> tuple[Condition, ...]:
        """Return the conditions that ``kind`` is filed by on a day, with the limits of a grade.

        Where the city gives a value for the grade itself, that row stands instead of the one
        for all grades (standards §6.1).
        """
        held = [c for c in self.conditions.get(kind, ()) if c.holds(on)]
        own = {c.text for c in held if c.area_grade == grade}
        return tuple(
            self.graded(c, grade, on=on)
            for c in held
            if c.area_grade == grade or (c.area_grade == "ALL" and c.text not in own)
        )

    def graded(self, condition: Condition, grade: str, *, on: date) -> Condition:
        """Return ``condition`` with the limit that it has in an area of ``grade``."""
        if condition.area_grade != "ALL":
            return condition
        return replace(condition, limit=condition.limit.scaled(self.shares_on(on).get(grade, 1.0)))

    def shares_on(self, day: date) -> Mapping[str, float]:
        """Return what each grade's limits are of the city's one value, as of a day."""
        return next((found for since, found in reversed(self.shares) if since <= day), SHARES)

    def successor(self, condition: Condition, kind: str, *, on: date) -> Condition:
        """Return what ``condition`` was changed into for cases filed on the day ``on``."""
        after = {c.replaces: c for c in self.conditions.get(kind, ()) if c.replaces}
        while not condition.holds(on) and condition.id in after:
            condition = after[condition.id]
        return condition

    def beat_department(self, beat: int | None, kind: str) -> str | None:
        """Return the department that ``beat`` belongs to for ``kind``, the closest kind first."""
        rows = [(k, d) for b, k, d in self.beats if b == beat and kind.startswith(k)]
        return max(rows, key=lambda row: len(row[0]))[1] if rows else None
