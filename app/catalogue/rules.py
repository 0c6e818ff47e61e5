"""When work is due, who it goes to, and which kind is meant.

Pure: limits, calendars and tables are read elsewhere and handed in.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

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


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening spans by the date they hold from, and the days that differ from the week's rule."""

    name: str = "default"
    spans: tuple[tuple[date, tuple[Span, ...]], ...] = ((date.min, OFFICE),)
    closed: Mapping[date, str] = field(default_factory=dict)
    opened: Mapping[date, str] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Say whether ``day`` is worked, make-up Saturdays (调休) included."""
        return day in self.opened or (day.weekday() < 5 and day not in self.closed)

    def hours(self, day: date) -> tuple[Span, ...]:
        """Return the opening spans of ``day``: none on a day off."""
        if not self.is_working(day):
            return ()
        return next((spans for since, spans in reversed(self.spans) if since <= day), ())

    def openings(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield every span still to be worked from ``start`` on, the first one cut short."""
        day, last = start.date(), start.date() + FARTHEST
        while day <= last:
            for opens, closes in self.hours(day):
                begin = datetime.combine(day, opens, start.tzinfo)
                end = datetime.combine(day, closes, start.tzinfo)
                if end > start:
                    yield max(begin, start), end
            day += timedelta(days=1)
        raise AppError(sentence("Calendar “%(name)s” has no opening hours."), name=self.name)


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
    """Return how much of the clock of ``unit`` ran from ``start`` to ``end``, in that unit."""
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
    """A filing condition (立案条件) of a kind, with its limit."""

    id: int
    text: str
    limit: Limit
    closing: str
    area_grade: str = "ALL"


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the routing table; ``kind`` and ``area`` are prefixes.

    ``area`` may be a zone: then ``members`` are the beginnings of its cells' codes.
    """

    kind: str
    area: str
    department: str
    members: tuple[str, ...] = ()

    @property
    def narrowness(self) -> int:
        """Return how narrow the area is: a zone is narrower than a district, as a street is."""
        return DISTRICT + 1 if self.members else len(self.area)

    def fits(self, kind: str, cell: str) -> bool:
        """Say whether the row speaks of ``kind`` in ``cell``."""
        return kind.startswith(self.kind) and cell.startswith(self.members or (self.area,))


DISTRICT = 6
"""Digits of a district's code."""


def route(table: Iterable[Route], kind: str, cell: str) -> Route | None:
    """Return the row for ``kind`` in ``cell``: the most specific kind, then the narrowest area.

    Two rows that fit have prefixes of the same text, so equal lengths mean the same
    row: a tie cannot happen as long as (kind, area) is unique, which the table guards, and
    no cell lies in two zones, which ``places.zones`` guards.
    """
    fitting = (r for r in table if r.fits(kind, cell))
    return max(fitting, key=lambda r: (len(r.kind), r.narrowness), default=None)


@dataclass(frozen=True, slots=True)
class Handbook:
    """All of the command handbook that judging a case needs, as of one version."""

    kinds: Mapping[str, Kind]
    conditions: Mapping[str, tuple[Condition, ...]]
    calendars: Mapping[str, Calendar]
    routes: tuple[Route, ...]
    departments: Mapping[str, str]
    version: int = 0

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
