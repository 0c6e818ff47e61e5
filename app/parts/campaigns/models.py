"""Surveys of parts, their cells, what was found, and the samples they were accepted by."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base

CODE = String(collation="C")


class Campaign(Base):
    """One survey: where (a division or a zone), which kinds (none: all), until when."""

    __tablename__ = "campaigns"
    __table_args__ = (CheckConstraint("state IN ('open','closed')", name="state_known"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    area: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(server_default="open")
    accepted: Mapped[bool | None]
    actor_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    closed_at: Mapped[datetime | None]


class CampaignCell(Base):
    """One cell of a survey: how far it is, who surveyed it, and what a second look found."""

    __tablename__ = "campaign_cells"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting','working','done','passed','failed')", name="state_known"
        ),
        Index("ix_campaign_cells_state", "campaign", "state", "cell"),
    )

    campaign: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    cell: Mapped[str] = mapped_column(CODE, primary_key=True)
    state: Mapped[str] = mapped_column(server_default="waiting")
    expected: Mapped[int] = mapped_column(server_default=text("0"))
    surveyor_id: Mapped[int | None]
    done_at: Mapped[datetime | None]
    drawn_at: Mapped[datetime | None]
    checker_id: Mapped[int | None]
    sample: Mapped[dict[str, Any] | None]


class CampaignFinding(Base):
    """What a surveyor found of one part; the last one of a part counts."""

    __tablename__ = "campaign_findings"
    __table_args__ = (Index("ix_campaign_findings_cell", "campaign", "cell", "part", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    campaign: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    cell: Mapped[str] = mapped_column(CODE)
    part: Mapped[str] = mapped_column(CODE)
    verdict: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    actor_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
