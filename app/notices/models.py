"""Notices, their ways out of the house, and the rules of escalation."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base

NOW = text("now()")


class Notice(Base):
    """Something that one person is told once; ``words`` is a msgid that ``facts`` fill."""

    __tablename__ = "notices"
    __table_args__ = (
        Index("uq_notices_reader_id_cause_kind", "reader_id", "cause", "kind", unique=True),
        Index("ix_notices_reader_id", "reader_id", "id"),
        Index("ix_notices_unread", "reader_id", "id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reader_id: Mapped[int]
    cause: Mapped[str]
    kind: Mapped[str]
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    step_id: Mapped[int | None] = mapped_column(BigInteger)
    words: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    read_at: Mapped[datetime | None]


class NoticeCursor(Base):
    """The last number of the feed that notices were made of; one row."""

    __tablename__ = "notice_cursor"

    only: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class Contact(Base):
    """Where a person is reached outside the application, and when not."""

    __tablename__ = "contacts"

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(server_default="")
    phone: Mapped[str] = mapped_column(server_default="")
    by_email: Mapped[bool] = mapped_column(server_default=text("false"))
    by_sms: Mapped[bool] = mapped_column(server_default=text("false"))
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]


class Delivery(Base):
    """One notice on its way out by one channel; only a hash of the address is kept with it."""

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','sent','dead','off')", name="state_known"),
        CheckConstraint("channel IN ('email','sms')", name="channel_known"),
        Index("uq_deliveries_notice_id_channel", "notice_id", "channel", unique=True),
        Index("ix_deliveries_waiting", "run_at", "id", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    channel: Mapped[str]
    address_hash: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    run_at: Mapped[datetime] = mapped_column(server_default=NOW)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(server_default="")


class EscalationRule(Base):
    """A rung of the ladder: so long after a lamp turned, so and so is told by such a channel."""

    __tablename__ = "escalation_rules"
    __table_args__ = (
        CheckConstraint("subject IN ('case','order')", name="subject_known"),
        CheckConstraint("since IN ('amber','due')", name="since_known"),
        CheckConstraint("reader IN ('post','department','person')", name="reader_known"),
        CheckConstraint("channel IN ('app','email','sms')", name="channel_known"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    rung: Mapped[int] = mapped_column(SmallInteger)
    subject: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="")
    since: Mapped[str]
    after_value: Mapped[float]
    after_unit: Mapped[str]
    reader: Mapped[str]
    who: Mapped[str] = mapped_column(server_default="")
    channel: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Escalation(Base):
    """A rung that was reached; the key makes it fire once a clock."""

    __tablename__ = "escalations"
    __table_args__ = (
        Index(
            "uq_escalations_case_id_order_id_clock_at_rule_id",
            *("case_id", "order_id", "clock_at", "rule_id"),
            unique=True,
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    rule_id: Mapped[int]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    order_id: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    clock_at: Mapped[datetime]
    at: Mapped[datetime]
