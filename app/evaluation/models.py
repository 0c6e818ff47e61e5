"""Schemes and their versions, frozen periods, appeals of a score, marks from outside."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base

NOW = text("now()")


class Scheme(Base):
    """A version of a scheme: a draft that is edited, or published and never edited again."""

    __tablename__ = "schemes"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        Index(
            "uq_schemes_one_draft", "code", unique=True, postgresql_where=text("state = 'draft'")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str]
    version: Mapped[int]
    object: Mapped[str]
    name: Mapped[str]
    document: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default=text("'draft'"))
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    created_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    published_by: Mapped[int | None]
    published_at: Mapped[datetime | None]


class SchemeDefault(Base):
    """The scheme by which an object is scored when nobody names another."""

    __tablename__ = "scheme_defaults"

    object: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]


class PeriodProposal(Base):
    """What one person has signed and a second has not yet: a score as it was seen then."""

    __tablename__ = "period_proposals"
    __table_args__ = (UniqueConstraint("board", "period"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    board: Mapped[str]
    period: Mapped[str]
    scheme: Mapped[str]
    scheme_version: Mapped[int]
    inputs: Mapped[str]
    result: Mapped[str]
    digest: Mapped[str]
    person_id: Mapped[int]
    at: Mapped[datetime]


class FrozenPeriod(Base):
    """A period signed by two people: what went in, what came out, and the digest of both."""

    __tablename__ = "frozen_periods"
    __table_args__ = (UniqueConstraint("board", "period", "version"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    board: Mapped[str]
    period: Mapped[str]
    begins: Mapped[date]
    ends: Mapped[date]
    version: Mapped[int]
    scheme: Mapped[str]
    scheme_version: Mapped[int]
    inputs: Mapped[str]
    result: Mapped[str]
    digest: Mapped[str]
    proposed_by: Mapped[int]
    proposed_at: Mapped[datetime]
    signed_by: Mapped[int]
    signed_at: Mapped[datetime]


class ScoreAppeal(Base):
    """An appeal from a figure of a score, and the two reviews of it."""

    __tablename__ = "score_appeals"
    __table_args__ = (
        Index("ix_score_appeals_board_begins", "board", "begins"),
        Index(
            "uq_score_appeals_once",
            "board",
            "object",
            "period",
            "indicator",
            text("coalesce(case_id, 0)"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    board: Mapped[str]
    object: Mapped[str]
    period: Mapped[str]
    begins: Mapped[date]
    ends: Mapped[date]
    indicator: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    lodged_by: Mapped[int]
    lodged_at: Mapped[datetime]
    first_by: Mapped[int | None]
    first_at: Mapped[datetime | None]
    first_reason: Mapped[str] = mapped_column(server_default=text("''"))
    second_by: Mapped[int | None]
    second_at: Mapped[datetime | None]
    second_reason: Mapped[str] = mapped_column(server_default=text("''"))


class OutsideMark(Base):
    """A mark given by somebody outside the platform (外评), for one object on one day."""

    __tablename__ = "outside_marks"
    __table_args__ = (
        Index(
            "ix_outside_marks_board_day",
            "board",
            "day",
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    board: Mapped[str]
    object: Mapped[str]
    day: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(12, 4))
    n: Mapped[int] = mapped_column(server_default=text("1"))
    note: Mapped[str] = mapped_column(server_default=text("''"))
    person_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    withdrawn_by: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None]
