"""What every case counts for, and how much that is by the day (计数)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base

CODE = String(collation="C")


class Mark(Base):
    """That a case counts for an object on a day, and for which indicators; one twice counts twice.

    Derived from the journal, and made anew whenever that grows: never the truth itself.
    """

    __tablename__ = "marks"
    __table_args__ = (Index("ix_marks_side", "side", "object", "day"),)

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    side: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    object: Mapped[str] = mapped_column(CODE, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    indicators: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))


class Tally(Base):
    """How often an indicator was counted for an object on a day: the sum of its marks."""

    __tablename__ = "tallies"

    side: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    object: Mapped[str] = mapped_column(CODE, primary_key=True)
    indicator: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]


class MarkClock(Base):
    """When time alone will change what a case counts for: its next deadline."""

    __tablename__ = "mark_clocks"
    __table_args__ = (Index("ix_mark_clocks_at", "at"),)

    case_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class MarkCursor(Base):
    """How far the marks know the feed, and how far history was counted; one row.

    Whoever changes marks holds it.  ``whole_at`` is when the whole history had been counted,
    ``counted_to`` the last case of a count that is not at its end.
    """

    __tablename__ = "mark_cursor"

    only: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    counted_to: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    whole_at: Mapped[datetime | None]


class PatrolDay(Base):
    """A beat that an inspector had in a shift of a day, its cells, and those that were walked.

    Kept because beats change: what somebody is measured by is what they had then.
    """

    __tablename__ = "patrol_days"
    __table_args__ = (Index("ix_patrol_days_person_id", "person_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    beat_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begins: Mapped[datetime]
    ends: Mapped[datetime]
    fixes: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(ARRAY(CODE))
    walked: Mapped[list[str]] = mapped_column(ARRAY(CODE))
