"""OGC API – Features, parts 1 and 2: what is offered, in which coordinates, and how it is asked.

Source: OGC 17-069r4 (core, requirements 8 to 34) and 18-058r1 (coordinate systems by reference).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.kernel import fields
from app.kernel.clock import CITY_TIME
from app.kernel.errors import AppError, sentence

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CONFORMS = (
    *(
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}"
        for part in ("core", "geojson", "oas30")
    ),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)
MOST, USUAL = 10_000, 100
"""Features an answer has at most, and where nothing is asked for."""


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate system that is spoken: its number, and whether latitude comes first."""

    uri: str
    srid: int
    latitude_first: bool


SYSTEMS: Mapping[str, Crs] = {
    crs.uri: crs
    for crs in (
        Crs(CRS84, 4326, False),
        Crs(f"{EPSG}4490", 4490, True),
        Crs(f"{EPSG}4326", 4326, True),
        Crs(f"{EPSG}3857", 3857, False),
    )
}


@dataclass(frozen=True, slots=True)
class Collection:
    """What is offered under one name, and the properties it can be filtered by."""

    name: str
    title: str
    words: str
    filters: tuple[str, ...]


COLLECTIONS: Mapping[str, Collection] = {
    one.name: one
    for one in (
        Collection(
            "cells",
            sentence("Unit grids"),
            sentence("The unit grids in use, each about 10 000 square metres."),
            ("community", "grade", "district"),
        ),
        Collection(
            "parts",
            sentence("City components"),
            sentence("The coded city components, by place and kind."),
            ("kind", "state", "cell"),
        ),
        Collection(
            "cases",
            sentence("Public cases"),
            sentence("Filed cases: what, where to about 20 metres, how far. Nobody is named."),
            ("kind", "state", "stage", "district"),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for features, understood: the box is lon/lat or x/y in ``box_crs``."""

    crs: Crs
    box_crs: Crs
    box: tuple[float, float, float, float] | None
    begin: datetime | None
    end: datetime | None
    filters: Mapping[str, str]
    after: str | None
    limit: int


def asked(collection: Collection, args: Mapping[str, str]) -> Asked:
    """Return what ``args`` ask of ``collection``, or raise the 400 that the standard asks for."""
    known = {"bbox", "bbox-crs", "crs", "datetime", "limit", "after", "f", *collection.filters}
    if strange := sorted(set(args) - known):
        raise AppError(
            sentence("There is no parameter “%(name)s” here. Known are: %(known)s."),
            name=strange[0][:40],
            known=", ".join(sorted(known)),
        )
    box_crs = crs_called(args.get("bbox-crs"))
    begin, end = period(args.get("datetime"))
    return Asked(
        crs_called(args.get("crs")),
        box_crs,
        _box(args.get("bbox"), box_crs),
        begin,
        end,
        {name: args[name][:80] for name in collection.filters if args.get(name)},
        args.get("after") or None,
        _limit(args.get("limit")),
    )


def crs_called(uri: str | None) -> Crs:
    """Return the coordinate system ``uri``, CRS84 if none is named."""
    found = SYSTEMS.get(uri or CRS84)
    if found is None:
        raise AppError(
            sentence("The coordinate system is not offered. Offered are: %(known)s."),
            known=", ".join(SYSTEMS),
        )
    return found


def _limit(given: str | None) -> int:
    if given is None:
        return USUAL
    if not re.fullmatch(r"\d{1,9}", given) or int(given) < 1:
        raise AppError(sentence("“limit” must be a whole number from 1."))
    return min(int(given), MOST)


def _box(given: str | None, crs: Crs) -> tuple[float, float, float, float] | None:
    """Return the box as west, south, east, north, whichever comes first in ``crs``."""
    if given is None:
        return None
    told = given.split(",")
    wrong = AppError(sentence("“bbox” must be four or six numbers, the lower corner first."))
    if len(told) not in (4, 6):
        raise wrong
    half = len(told) // 2
    corners = {str(n): value for n, value in enumerate((*told[:2], *told[half : half + 2]))}
    try:
        a, b, c, d = (fields.number(corners, key) for key in corners)
    except AppError:
        raise wrong from None
    west, south, east, north = (b, a, d, c) if crs.latitude_first else (a, b, c, d)
    if not _on_earth(west, south, east, north, crs.srid == 3857):
        raise wrong
    return west, south, east, north


def _on_earth(west: float, south: float, east: float, north: float, metric: bool) -> bool:
    x, y = (20_037_509.0, 20_048_967.0) if metric else (180.0, 90.0)
    return -x <= west <= east <= x and -y <= south <= north <= y


def period(given: str | None) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last instant of ``datetime``: an instant, a day, or a/b.

    >>> period("2026-11-23/..")[1] is None
    True
    """
    if not given:
        return None, None
    first, slash, last = given.partition("/")
    begin = None if first in ("", "..") else _instant(first, last=False)
    if not slash:
        return begin, _instant(first, last=True)
    end = None if last in ("", "..") else _instant(last, last=True)
    if begin and end and begin > end:
        raise AppError(sentence("“datetime” must be a day, an instant, or two with / between."))
    return begin, end


def _instant(given: str, *, last: bool) -> datetime:
    """Return the instant; of a day its first, or its last if asked."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", given):
            time = datetime.max.time() if last else datetime.min.time()
            return datetime.combine(date.fromisoformat(given), time, CITY_TIME)
        found = datetime.fromisoformat(given)
    except ValueError:
        raise AppError(
            sentence("“datetime” must be a day, an instant, or two with / between.")
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=CITY_TIME)


def link(href: str, rel: str, title: str, kind: str = "application/json") -> dict[str, Any]:
    """Return a link as the standard writes it."""
    return {"href": href, "rel": rel, "type": kind, "title": title}
