"""Reading the rows of another system's cases: what happened, when, where, whose it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.kernel import rows, shapes
from app.kernel.bulk import PutAside
from app.kernel.errors import Refused, sentence
from app.kernel.rows import Batch, Table
from gis.shapes import NOWHERE, Judged, Terms

NEEDED = ("external_id", "reported_at")
TIMES = ("reported_at", "due_at", "closed_at")
WORDS = ("external_id", *TIMES, "kind", "department", "description", "address", "source")
POSITIONS = ("lon", "lat")
NO_POSITION = frozenset({shapes.NO_POSITION, NOWHERE})
"""The reasons that mean that nobody knew where: blank, and 0, 0."""
NEAR = 5e-5
"""Degrees (about five metres) within which a position is the default point."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How the rows of this file become cases of ours; tables are by the file's own words."""

    columns: Mapping[str, str | None]
    zone: ZoneInfo
    kinds: Mapping[str, str]
    default_kind: str | None
    departments: Mapping[str, str]
    sources: Mapping[str, str]
    default_source: str
    default_point: tuple[float, float] | None
    terms: Terms
    now: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """One case of the past, in our words; the position in EPSG:4490."""

    row: int
    external_id: str
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    kind: str
    department: str | None
    description: str
    address: str
    source: str
    lon: float
    lat: float
    placed: bool


def columns_of(table: Table, chosen: Mapping[str, str]) -> dict[str, str | None]:
    """Return the file's column for each of ours, or raise ``Refused`` naming the missing one."""
    for name in NEEDED:
        if name not in chosen:
            raise Refused(
                sentence("The mapping must name a column for “columns.%(name)s”."), name=name
            )
    return {
        name: table.require(chosen[name]) if name in chosen else None
        for name in (*WORDS, *POSITIONS)
    }


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone ``name`` of a file's times, or raise ``Refused``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as unknown:
        raise Refused(sentence("There is no time zone “%(zone)s”."), zone=name) from unknown


def read(batch: Batch, how: Reader) -> list[Past | tuple[int, PutAside, str]]:
    """Return each row of ``batch`` as a case, or as its number, its reason and its identifier."""
    words = [rows.texts(batch.column(how.columns[name])).to_pylist() for name in WORDS]
    judged = shapes.by_numbers(batch, how.columns, how.terms)
    found: list[Past | tuple[int, PutAside, str]] = []
    for at, values in enumerate(zip(*words, strict=True)):
        told, row = dict(zip(WORDS, values, strict=True)), int(batch.numbers[at])
        try:
            spot, placed = _spot(judged, at, how)
            found.append(_past(row, told, spot, placed, how))
        except PutAside as fault:
            found.append((row, fault, told["external_id"] or ""))
    return found


def _spot(judged: Judged, at: int, how: Reader) -> tuple[tuple[float, float], bool]:
    """Return where a case was and whether anybody knew; raise ``PutAside`` for a wrong place."""
    reason, default = judged.reasons[at], how.default_point
    if reason is not None and (reason not in NO_POSITION or default is None):
        raise PutAside(reason.message, **reason.facts)
    if reason is not None and default is not None:
        return default, False
    lon, lat = judged.shapes[at].x, judged.shapes[at].y
    near = default is not None and max(abs(lon - default[0]), abs(lat - default[1])) <= NEAR
    return (lon, lat), not near


def _past(
    row: int, told: dict[str, str | None], spot: tuple[float, float], placed: bool, how: Reader
) -> Past:
    if told["external_id"] is None:
        raise PutAside("The row has no identifier.")
    reported, due, closed = (_time(name, told[name], how.zone) for name in TIMES)
    if reported is None:
        raise PutAside("The row does not say when it was reported.")
    if reported > how.now or (closed is not None and closed > how.now):
        raise PutAside("The report or its end lies in the future.")
    if closed is not None and closed < reported:
        raise PutAside("The case ended before it was reported.")
    return Past(
        row,
        told["external_id"],
        reported,
        due,
        closed,
        _kind(told["kind"], how),
        _department(told["department"], how),
        told["description"] or told["kind"] or "",
        told["address"] or "",
        how.sources.get(told["source"] or "", how.default_source),
        *spot,
        placed,
    )


def _time(name: str, word: str | None, zone: ZoneInfo) -> datetime | None:
    """Return the instant of ``word``, which means ``zone`` unless it says otherwise."""
    if word is None:
        return None
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        raise PutAside(
            "%(field)s: “%(value)s” is no date and time like 2026-11-22 09:30.",
            field=name,
            value=word[:40],
        ) from None
    if not 1900 <= found.year <= 2200:
        raise PutAside("%(field)s: the year %(year)s cannot be.", field=name, year=found.year)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _kind(word: str | None, how: Reader) -> str:
    kind = how.kinds.get(word or "", how.default_kind)
    if kind is None:
        raise PutAside("The mapping has no kind for “%(value)s”.", value=word or "")
    return kind


def _department(word: str | None, how: Reader) -> str | None:
    if word is not None and word not in how.departments:
        raise PutAside("The mapping has no department for “%(value)s”.", value=word)
    return None if word is None else how.departments[word]
