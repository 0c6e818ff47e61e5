"""Urging (催办) and supervision orders (督办): records beside a case, not states of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base


class Urge(Base):
    """Somebody pressed for a case; rows are only ever added."""

    __tablename__ = "case_urges"
    __table_args__ = (Index("ix_case_urges_case_id", "case_id", "person_id", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    person_id: Mapped[int]
    words: Mapped[str]
    at: Mapped[datetime]


class Order(Base):
    """A supervision order: its words, its own clock, what it weighs, how it stands.

    ``rounds`` counts how often it was given: once more after each answer that was not enough.
    """

    __tablename__ = "case_orders"
    __table_args__ = (
        CheckConstraint("state IN ('open','answered','ended')", name="state_known"),
        CheckConstraint("weight >= 0", name="weight_not_negative"),
        Index("ix_case_orders_case_id", "case_id", "id"),
        Index("ix_case_orders_open", "due_at", postgresql_where=text("state = 'open'")),
        Index("ix_case_orders_running", "case_id", postgresql_where=text("state <> 'ended'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    giver_id: Mapped[int]
    words: Mapped[str]
    limit_value: Mapped[float]
    limit_unit: Mapped[str]
    weight: Mapped[float]
    department: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    rounds: Mapped[int] = mapped_column(SmallInteger, server_default=text("1"))
    given_at: Mapped[datetime]
    clock_at: Mapped[datetime]
    amber_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(server_default=text("false"))
