"""Reading the rows of another system's cases: what happened, when, where, whose it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.kernel import rows
from app.kernel.bulk import PutAside
from app.kernel.errors import Refused
from app.kernel.rows import Batch, Floats, Table
from app.places.positions import CHECKS, Extent, Way, judge, way_from

NEEDED = ("external_id", "reported_at")
TIMES = ("reported_at", "due_at", "closed_at")
WORDS = ("external_id", *TIMES, "kind", "department", "description", "address", "source")
POSITIONS = ("lon", "lat")
NO_POSITION = frozenset({0, 3})
"""The faults of ``CHECKS`` that mean that nobody knew where: blank, and 0, 0."""
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
    way: Way
    extent: Extent | None
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
            raise Refused("The mapping must name a column for “columns.%(name)s”.", name=name)
    return {
        name: table.require(chosen[name]) if name in chosen else None
        for name in (*WORDS, *POSITIONS)
    }


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone ``name`` of a file's times, or raise ``Refused``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as unknown:
        raise Refused("There is no time zone “%(zone)s”.", zone=name) from unknown


def way_of(table: Table, mapping: Mapping[str, Any]) -> Way:
    """Return the way of the file's positions to EPSG:4490."""
    crs = f"EPSG:{mapping['epsg']}" if "epsg" in mapping else table.crs
    return way_from(crs, mapping.get("coord_sys", "cgcs2000"))


def read(batch: Batch, how: Reader) -> list[Past | tuple[int, str, str]]:
    """Return each row of ``batch`` as a case, or as its number, its reason and its identifier."""
    words = [rows.texts(batch.column(how.columns[name])).to_pylist() for name in WORDS]
    lon, lat, faults = _positions(batch, how)
    found: list[Past | tuple[int, str, str]] = []
    for at, values in enumerate(zip(*words, strict=True)):
        told, row = dict(zip(WORDS, values, strict=True)), int(batch.numbers[at])
        try:
            spot, placed = _spot(float(lon[at]), float(lat[at]), int(faults[at]), how)
            found.append(_past(row, told, spot, placed, how))
        except PutAside as fault:
            found.append((row, str(fault), told["external_id"] or ""))
    return found


def _positions(batch: Batch, how: Reader) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    x_column, y_column = batch.column(how.columns["lon"]), batch.column(how.columns["lat"])
    x, y = rows.numbers(x_column), rows.numbers(y_column)
    return judge(x, y, _blank(x_column) & _blank(y_column), how.way, how.extent)


def _blank(column: pa.Array) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = rows.texts(column).is_null().to_numpy(zero_copy_only=False)
    return found


def _spot(lon: float, lat: float, fault: int, how: Reader) -> tuple[tuple[float, float], bool]:
    """Return where a case was and whether anybody knew; raise ``PutAside`` for a wrong place."""
    if fault >= 0 and (fault not in NO_POSITION or how.default_point is None):
        raise PutAside(CHECKS[fault][0])
    default = how.default_point
    if default is None:
        return (lon, lat), True
    if fault >= 0:
        return default, False
    return (lon, lat), abs(lon - default[0]) > NEAR or abs(lat - default[1]) > NEAR


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
            f"{name}: “{word[:40]}” is no date and time like 2026-11-22 09:30."
        ) from None
    if not 1900 <= found.year <= 2200:
        raise PutAside(f"{name}: the year {found.year} cannot be.")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _kind(word: str | None, how: Reader) -> str:
    kind = how.kinds.get(word or "", how.default_kind)
    if kind is None:
        raise PutAside(f"The mapping has no kind for “{word or ''}”.")
    return kind


def _department(word: str | None, how: Reader) -> str | None:
    if word is not None and word not in how.departments:
        raise PutAside(f"The mapping has no department for “{word}”.")
    return None if word is None else how.departments[word]
