"""Tasks to people in the field (任务): who was sent where, why that one, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

CODE = String(collation="C")
OPEN = text("ended_at IS NULL")


class Task(Base):
    """One person sent to one place; it ends with an answer, or when it is taken away."""

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("purpose IN ('confirm','verify','survey','urgent')", name="purpose_known"),
        CheckConstraint("way IN ('beat','nearest','drawn','by hand')", name="way_known"),
        CheckConstraint(
            "outcome IN ('answered','passed','failed','withdrawn','reassigned')",
            name="outcome_known",
        ),
        CheckConstraint(
            "(way = 'drawn') = (seed IS NOT NULL AND person_id = ANY(pool))", name="draw_recorded"
        ),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_with_an_outcome"),
        Index(
            "uq_tasks_open_case",
            "case_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND purpose IN ('confirm','verify')"),
        ),
        Index("ix_tasks_open_person_id", "person_id", "id", postgresql_where=OPEN),
        Index(
            "ix_tasks_open_due_at",
            "due_at",
            postgresql_where=text("ended_at IS NULL AND escalated_at IS NULL"),
        ),
        Index(
            "ix_tasks_escalated",
            "id",
            postgresql_where=text("ended_at IS NULL AND escalated_at IS NOT NULL"),
        ),
        Index("ix_tasks_person_id", "person_id", "id"),
        Index("ix_tasks_case_id", "case_id", postgresql_where=text("case_id IS NOT NULL")),
        Index(
            "ix_tasks_verified",
            "answered_at",
            postgresql_where=text("purpose = 'verify' AND answered_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    purpose: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    cell: Mapped[str] = mapped_column(CODE)
    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    note: Mapped[str] = mapped_column(server_default="")
    given_by: Mapped[int]
    given_at: Mapped[datetime]
    due_at: Mapped[datetime]
    way: Mapped[str]
    metres: Mapped[float | None]
    pool: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    seed: Mapped[str | None]
    former_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    escalated_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]
