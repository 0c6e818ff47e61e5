"""What a client may send about the handbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Any

from app.catalogue.routing import DAYS, Route
from app.catalogue.rules import GRADES, Limit, Span
from app.kernel import fields
from app.kernel.errors import Refused, sentence

MOST_ROWS = 2_000
"""Rows of the routing table that one change may bring or take."""


def day(body: Mapping[str, Any], name: str) -> date:
    """Return the date ``name`` written like 2026-11-23, or raise naming the field."""
    given = fields.text(body, name, required=True, most=10)
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Refused(sentence("“%(field)s” must be a date like 2026-11-23."), field=name).about(
            name
        ) from None


def clock_time(given: Any, name: str) -> time | None:
    """Return a time of day written like 08:30, None when absent."""
    if given in (None, ""):
        return None
    try:
        return time.fromisoformat(str(given)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise Refused(sentence("“%(field)s” must be a time like 08:30."), field=name).about(
            name
        ) from None


@dataclass(frozen=True, slots=True)
class LimitForm:
    """Another limit for a filing condition, from a day on; ``grade`` is empty for all grades."""

    limit: Limit
    grade: str
    since: date

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> LimitForm:
        """Return the form in ``body``, or raise naming the field that is wrong."""
        grade = fields.text(body, "grade", most=3)
        if grade not in ("", "ALL", *GRADES):
            raise Refused(sentence("“grade” must be A, B, C or empty.")).about("grade")
        limit = Limit(fields.number(body, "limit"), fields.text(body, "unit", required=True))
        return cls(limit, "" if grade == "ALL" else grade, day(body, "effective_from"))


@dataclass(frozen=True, slots=True)
class HoursForm:
    """The opening spans and weekdays of a calendar, from a day on."""

    calendar: str
    since: date
    spans: tuple[Span, ...]
    weekdays: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> HoursForm:
        """Return the form in ``body``, or raise naming the field that is wrong."""
        weekdays = "".join(sorted(set(fields.text(body, "weekdays", required=True, most=7))))
        if not set(weekdays) <= set("1234567"):
            raise Refused(sentence("“weekdays” holds digits: 1 is Monday, 7 is Sunday.")).about(
                "weekdays"
            )
        name = fields.text(body, "calendar", required=True, most=40)
        return cls(name, day(body, "effective_from"), _spans(body.get("spans")), weekdays)


def _spans(given: Any) -> tuple[Span, ...]:
    pairs = [_pair(one) for one in given] if isinstance(given, list) else []
    spans = tuple(sorted(pairs))
    if not spans or len(spans) > 6 or any(a[1] > b[0] for a, b in pairwise(spans)):
        raise Refused(
            sentence("Opening hours are one to six spans a day that do not overlap.")
        ).about("spans")
    return spans


def _pair(given: Any) -> Span:
    both = given if isinstance(given, list) and len(given) == 2 else (None, None)
    opens, closes = (clock_time(one, "spans") for one in both)
    if opens is None or closes is None or opens >= closes:
        raise Refused(
            sentence("A span opens before it closes; the last minute of a day is 23:59.")
        ).about("spans")
    return opens, closes


@dataclass(frozen=True, slots=True)
class TableForm:
    """A change of the routing table: rows to keep (an ``id`` replaces that row), ids to drop."""

    save: tuple[Route, ...]
    remove: frozenset[int]

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> TableForm:
        """Return the form in ``body``, or raise naming the field that is wrong."""
        save, remove = body.get("save") or [], body.get("remove") or []
        for name, given in (("save", save), ("remove", remove)):
            if not isinstance(given, list) or len(given) > MOST_ROWS:
                raise Refused(
                    sentence("“%(field)s” must be a list of at most %(most)s."),
                    field=name,
                    most=MOST_ROWS,
                ).about(name)
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in remove):
            raise Refused(sentence("“remove” holds the numbers of rows.")).about("remove")
        return cls(tuple(_row(one) for one in save), frozenset(remove))


def _row(body: Any) -> Route:
    if not isinstance(body, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field="save").about("save")
    days = fields.text(body, "days", most=10)
    begins, ends = (clock_time(body.get(name), name) for name in ("begins", "ends"))
    if days not in DAYS:
        raise Refused(sentence("“days” must be empty, working or off.")).about("days")
    if (begins is None) != (ends is None) or (begins is not None and begins == ends):
        raise Refused(sentence("A row has a beginning and an end of its hours, or neither.")).about(
            "begins"
        )
    return Route(
        kind=fields.text(body, "kind", most=12),
        area=fields.text(body, "area", most=20),
        department=fields.text(body, "department", required=True, most=60),
        days=days,
        begins=begins,
        ends=ends,
        id=fields.integer(body, "id") if body.get("id") else 0,
    )
