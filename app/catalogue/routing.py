"""Who handles what, where and when: one suggestion, and why not the others.

Pure: what is known of a place is gathered elsewhere and handed in.  The sources of a suggestion
in order: a body of the part, the department of the beat, the table of kind, area and time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from app.kernel.errors import Conflict, sentence

DISTRICT = 6
"""Digits of a district's code."""
BORDER = 15.0
"""Metres from a border within which the cell on the other side is asked as well."""
END_OF_DAY = time(23, 59)
DAYS = ("", "working", "off")
SURE, LIKELY = 0.8, 0.6
BODIES = {"owner": 0.95, "upkeep": 0.9, "title": 0.85}
BEAT, TABLE, MOST, DOUBT = 0.8, 0.4, 0.9, 0.3
BODY_NAMES = {
    "owner": sentence("is in charge of the part"),
    "upkeep": sentence("looks after the part"),
    "title": sentence("has the title to the part"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the catalogue and the facts it is filled with."""

    message: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the routing table; ``kind`` and ``area`` are prefixes.

    ``area`` may be a zone: then ``members`` are the beginnings of its cells' codes.  ``days`` is
    empty, ``working`` or ``off``; a window of hours may go over midnight.
    """

    kind: str
    area: str
    department: str
    members: tuple[str, ...] = ()
    days: str = ""
    begins: time | None = None
    ends: time | None = None
    id: int = 0

    @property
    def narrowness(self) -> int:
        """Return how narrow the area is: a zone is narrower than a district, as a street is."""
        return DISTRICT + 1 if self.members or self.area.startswith("Z") else len(self.area)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Return how specific the row is: by kind, then area, then its days, then its hours."""
        narrowed = 2 * bool(self.days) + (self.begins is not None)
        return len(self.kind), self.narrowness, narrowed

    @property
    def minutes(self) -> tuple[tuple[int, int], ...]:
        """Return the minutes of a day that the row speaks of, as one or two stretches."""
        if self.begins is None or self.ends is None:
            return ((0, 1440),)
        begins, ends = _minute(self.begins), 1440 if self.ends >= END_OF_DAY else _minute(self.ends)
        return ((begins, ends),) if begins < ends else ((begins, 1440), (0, ends))

    def fits(self, kind: str, cell: str) -> bool:
        """Say whether the row speaks of ``kind`` in ``cell``."""
        return kind.startswith(self.kind) and cell.startswith(self.members or (self.area,))

    def runs(self, at: datetime | None, working: bool) -> bool:
        """Say whether the row speaks of the time ``at``; nobody's time is a working morning."""
        if self.days and (self.days == "working") != working:
            return False
        minute = _minute(at.time()) if at else 600
        return any(begin <= minute < end for begin, end in self.minutes)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


@dataclass(frozen=True, slots=True)
class Beside:
    """A cell across a border: how many metres away, and whose beat it is."""

    cell: str
    metres: float
    beat: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a suggestion is asked about; bodies and beats are named by their departments' codes."""

    kind: str
    cell: str
    at: datetime | None = None
    working: bool = True
    bodies: tuple[tuple[str, str], ...] = ()
    beat: str | None = None
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """A department that was not suggested, and why not."""

    department: str
    why: Said


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Which department, by which rule, why not the others, and how sure that is (0 to 1)."""

    department: str
    source: str
    why: Said
    sure: float
    passed: tuple[Passed, ...] = ()
    border: tuple[Passed, ...] = ()


def route(
    table: Iterable[Route], kind: str, cell: str, at: datetime | None = None, working: bool = True
) -> Route | None:
    """Return the row for ``kind`` in ``cell`` at a time: the most specific one (``Route.rank``).

    Two rows that fit have prefixes of the same text, so equal ranks of kind and area mean the
    same kind and area; then ``require_no_tie`` and the table's own constraint see to it that
    their times do not meet, and ``places.zones`` that no cell lies in two zones.
    """
    fitting = (r for r in table if r.fits(kind, cell) and r.runs(at, working))
    return max(fitting, key=lambda r: r.rank, default=None)


def require_no_tie(table: Iterable[Route], new: Route) -> None:
    """Raise ``Conflict`` if ``new`` and another row are as specific and speak of the same time."""
    other = next((r for r in table if r.id != new.id and _ties(r, new)), None)
    if other is None:
        return
    raise Conflict(
        sentence(
            "This row ties with another one: kind %(kind)s in area %(area)s (%(days)s, %(hours)s)"
            " goes to %(department)s. Change one of them, so that one is more specific."
        ),
        department=other.department,
        **spoken(other),
    )


def _ties(one: Route, other: Route) -> bool:
    if (one.kind, one.area, one.rank) != (other.kind, other.area, other.rank):
        return False
    if one.days and other.days and one.days != other.days:
        return False
    return any(a < d and c < b for a, b in one.minutes for c, d in other.minutes)


DAY_NAMES = {
    "": sentence("every day"),
    "working": sentence("working days"),
    "off": sentence("days off"),
}


def spoken(row: Route) -> dict[str, str]:
    """Return what a row speaks of as facts of a sentence: kind, area, days, hours."""
    return {
        "kind": row.kind or "*",
        "area": row.area or "*",
        "days": DAY_NAMES[row.days],
        "hours": f"{row.begins:%H:%M}–{row.ends:%H:%M}"
        if row.begins and row.ends
        else sentence("all day"),
    }


def suggest(table: Sequence[Route], asked: Asked) -> Suggestion | None:
    """Return who should handle ``asked``, by the first source that names one; None if none does.

    Every other source that names another department is told of as passed over, and near a
    border also who it would be on the other side.
    """
    named = _named(table, asked)
    if not named:
        return None
    first, *rest = named
    passed = [Passed(r.department, _why_not(r, first)) for r in rest if _other(r, first)]
    border = _across(table, asked, first) if first.source in ("beat", "table") else ()
    sure = max(0.1, round(first.sure - (DOUBT if border else 0), 2))
    once = {p.department: p for p in reversed(passed)}
    return replace(first, sure=sure, passed=tuple(reversed(once.values())), border=border)


def _named(table: Sequence[Route], asked: Asked) -> list[Suggestion]:
    """Return what each source names, the winner first."""
    found = [
        Suggestion(
            department,
            "part",
            Said(
                sentence("The part is known, and %(department)s is the body that %(role)s."),
                {"department": department, "role": BODY_NAMES[body]},
            ),
            BODIES[body],
        )
        for body, department in asked.bodies
    ]
    if asked.beat:
        said = sentence("The beat of cell %(cell)s belongs to %(department)s.")
        told = {"cell": asked.cell, "department": asked.beat}
        found.append(Suggestion(asked.beat, "beat", Said(said, told), BEAT))
    fitting = [r for r in table if r.fits(asked.kind, asked.cell)]
    running = [r for r in fitting if r.runs(asked.at, asked.working)]
    found += [_by_row(r) for r in sorted(running, key=lambda r: r.rank, reverse=True)]
    return found


def _by_row(row: Route) -> Suggestion:
    kind, area, time_ = row.rank
    sure = min(MOST, TABLE + 0.08 * kind + (0.05 if area else 0) + 0.05 * time_)
    return Suggestion(row.department, "table", _row_says(row), round(sure, 2))


def _row_says(row: Route) -> Said:
    said = sentence("Kind %(kind)s in area %(area)s goes to %(department)s.")
    if row.rank[2]:
        said = sentence(
            "Kind %(kind)s in area %(area)s (%(days)s, %(hours)s) goes to %(department)s."
        )
    return Said(said, {**spoken(row), "department": row.department})


def _other(one: Suggestion, first: Suggestion) -> bool:
    return one.department != first.department


ORDER = {
    "part": sentence("the bodies of the part come first"),
    "beat": sentence("the beat comes before the table"),
    "table": sentence("another row of the table is more specific"),
}


def _why_not(one: Suggestion, first: Suggestion) -> Said:
    said = sentence("Not %(department)s: %(reason)s. (%(rule)s)")
    return Said(
        said, {"department": one.department, "reason": ORDER[first.source], "rule": one.why}
    )


def _across(table: Sequence[Route], asked: Asked, first: Suggestion) -> tuple[Passed, ...]:
    """Return who it would be in the cells within ``BORDER`` metres, where that is another one."""
    found: dict[str, Passed] = {}
    for near in sorted(asked.beside, key=lambda b: b.metres):
        there = replace(asked, cell=near.cell, beat=near.beat, beside=(), bodies=())
        named = _named(table, there) if near.metres <= BORDER else []
        if named and _other(named[0], first):
            said = sentence(
                "%(metres)s m from here begins cell %(cell)s, where it would be %(department)s."
            )
            told: dict[str, object] = {
                "metres": round(near.metres),
                "cell": near.cell,
                "department": named[0].department,
            }
            found.setdefault(named[0].department, Passed(named[0].department, Said(said, told)))
    return tuple(found.values())


def sureness(sure: float) -> str:
    """Return the words for how sure a suggestion is."""
    if sure >= SURE:
        return sentence("sure")
    return sentence("likely") if sure >= LIKELY else sentence("unsure")
