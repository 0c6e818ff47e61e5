"""The command handbook (指挥手册): kinds, filing conditions, limits, calendars, routing."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    String,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base

UNITS = "('uwh','uwd','wh','wd','nd')"


class Kind(Base):
    """A small class (小类) of parts or events; ``id`` is the code with C or E before it."""

    __tablename__ = "kinds"
    __table_args__ = (CheckConstraint("family IN ('part','event')", name="family_known"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    family: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    big_code: Mapped[str]
    big_name: Mapped[str]
    big_name_en: Mapped[str]
    geometry: Mapped[str | None]
    accuracy_class: Mapped[str | None]
    pinyin: Mapped[str]
    initials: Mapped[str]
    in_use: Mapped[bool] = mapped_column(server_default=sql("true"))


class Condition(Base):
    """When a kind is filed, by when it must be handled, and what closes it."""

    __tablename__ = "conditions"
    __table_args__ = (
        CheckConstraint(f"unit IN {UNITS}", name="unit_known"),
        CheckConstraint('"limit" > 0', name="limit_positive"),
        Index("ix_conditions_kind", "kind", "position"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("kinds.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str]
    limit: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    unit: Mapped[str]
    closing: Mapped[str]
    area_grade: Mapped[str] = mapped_column(server_default="ALL")
    basis: Mapped[str]
    effective_from: Mapped[date] = mapped_column(server_default=sql("'2000-01-01'"))
    effective_to: Mapped[date | None]
    replaces: Mapped[int | None] = mapped_column(ForeignKey("conditions.id"))


class GradeShare(Base):
    """What the limits of an area of a grade are of the one value that a city has set, from a day.

    A city whose limits are the same everywhere has shares of 1.
    """

    __tablename__ = "grade_shares"
    __table_args__ = (
        CheckConstraint("grade IN ('A','B','C')", name="grade_known"),
        CheckConstraint("share > 0 AND share <= 10", name="share_sensible"),
    )

    grade: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    share: Mapped[Decimal] = mapped_column(Numeric(4, 2))


class Calendar(Base):
    """A working calendar; ``default`` is the city's own."""

    __tablename__ = "calendars"

    name: Mapped[str] = mapped_column(primary_key=True)


class CalendarSpan(Base):
    """Opening hours of a working day, from a date on."""

    __tablename__ = "calendar_spans"
    __table_args__ = (CheckConstraint("opens < closes", name="opens_before_it_closes"),)

    calendar: Mapped[str] = mapped_column(ForeignKey("calendars.name"), primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time]


class CalendarWeek(Base):
    """The weekdays that are worked, from a date on: ``12345`` is Monday to Friday."""

    __tablename__ = "calendar_weeks"
    __table_args__ = (CheckConstraint("weekdays ~ '^1?2?3?4?5?6?7?$'", name="weekdays_known"),)

    calendar: Mapped[str] = mapped_column(ForeignKey("calendars.name"), primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    weekdays: Mapped[str]


class CalendarAssignment(Base):
    """Which calendar a department or a post works by, from a date on; none is the city's own."""

    __tablename__ = "calendar_assignments"
    __table_args__ = (CheckConstraint("whose IN ('department','post')", name="whose_known"),)

    whose: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    calendar: Mapped[str | None] = mapped_column(ForeignKey("calendars.name"))


class CalendarDay(Base):
    """A day that differs from the week's rule: a holiday, or a worked make-up day (调休)."""

    __tablename__ = "calendar_days"

    calendar: Mapped[str] = mapped_column(ForeignKey("calendars.name"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    name: Mapped[str]


DAY_RANGE = sql(
    "int4range(CASE days WHEN 'off' THEN 1 ELSE 0 END, CASE days WHEN 'working' THEN 1 ELSE 2 END)"
)
MINUTES = sql("route_minutes(begins, ends)")
NARROWED = sql("(2 * (days <> '')::int + (begins IS NOT NULL)::int)")


class Route(Base):
    """Who handles what, where and when: the most specific kind, area, days, then hours win.

    Patterns are prefixes.  The exclusion makes a tie impossible to save: two rows of one kind and
    one area that are narrowed in the same way must not speak of the same minute.
    """

    __tablename__ = "routes"
    __table_args__ = (
        CheckConstraint("days IN ('','working','off')", name="days_known"),
        CheckConstraint(
            "(begins IS NULL) = (ends IS NULL) AND (begins IS NULL OR begins <> ends)",
            name="hours_whole",
        ),
        ExcludeConstraint(
            ("kind", "="),
            ("area", "="),
            (NARROWED, "="),
            (DAY_RANGE, "&&"),
            (MINUTES, "&&"),
            name="ex_routes_tie",
            using="gist",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    area: Mapped[str]
    department: Mapped[str] = mapped_column(ForeignKey("departments.code"))
    since: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    days: Mapped[str] = mapped_column(server_default="")
    begins: Mapped[time | None]
    ends: Mapped[time | None]


class BeatDepartment(Base):
    """The department that a beat (责任网格) belongs to, for kinds that begin with ``kind``."""

    __tablename__ = "beat_departments"

    beat_id: Mapped[int] = mapped_column(
        ForeignKey("beats.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True, server_default="")
    department: Mapped[str] = mapped_column(ForeignKey("departments.code"))


class ProfileSwitch(Base):
    """One change of the code profile: from, to, what had no counterpart, what was there before."""

    __tablename__ = "profile_switches"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    source: Mapped[str]
    target: Mapped[str]
    report: Mapped[dict[str, Any]]
    kept: Mapped[dict[str, Any]]


class FormerCode(Base):
    """The code and the kind of a part under a profile that the city ran before."""

    __tablename__ = "former_codes"

    part: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    profile: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(collation="C"))
    kind: Mapped[str]


class FormerKind(Base):
    """The kind of a case or a condition under a former profile, where the way back is not clear."""

    __tablename__ = "former_kinds"

    what: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    profile: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
