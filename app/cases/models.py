"""A case (案卷), its journal (办理经过), its photos, its numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

CODE = String(collation="C")
OPEN = text("closed_at IS NULL")
NOW = text("now()")
WORDS = text("bigrams(description || ' ' || address)")
STAGES = "('collect','file','dispatch','handle','report','verify','close')"


class Case(Base):
    """One problem from first report to closing; the journal is the truth, this row its summary."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(f"stage IN {STAGES}", name="stage_known"),
        CheckConstraint("steps > 0", name="steps_count_from_one"),
        CheckConstraint("amber_at IS NULL OR amber_at <= due_at", name="amber_before_due"),
        CheckConstraint("merged_into <> id", name="merged_into_another"),
        Index(
            "uq_cases_number", "number", unique=True, postgresql_where=text("number IS NOT NULL")
        ),
        Index(
            "uq_cases_client_uid",
            "client_uid",
            unique=True,
            postgresql_where=text("client_uid IS NOT NULL"),
        ),
        Index(
            "ix_cases_open_state",
            *("state", "kind", "id"),
            postgresql_include=["department", "amber_at", "due_at"],
            postgresql_where=OPEN,
        ),
        Index("ix_cases_reported_at", "reported_at"),
        Index(
            "ix_cases_open_due",
            "due_at",
            postgresql_where=text("closed_at IS NULL AND due_at IS NOT NULL"),
        ),
        Index(
            "ix_cases_open_amber",
            "amber_at",
            postgresql_where=text("closed_at IS NULL AND amber_at IS NOT NULL"),
        ),
        Index("ix_cases_open_place", "place3857", postgresql_using="gist", postgresql_where=OPEN),
        Index(
            "ix_cases_department",
            *("department", "id"),
            postgresql_where=text("department IS NOT NULL"),
        ),
        Index(
            "ix_cases_open_department",
            *("department", "state", "id"),
            postgresql_where=text("closed_at IS NULL AND department IS NOT NULL"),
        ),
        Index("ix_cases_inspector_id", "inspector_id", postgresql_where=OPEN),
        Index("ix_cases_reporter_id", "reporter_id", "id"),
        Index("ix_cases_kind", "kind", "id"),
        Index("ix_cases_cell", "cell", "id"),
        Index("ix_cases_part_code", "part_code", postgresql_where=text("part_code IS NOT NULL")),
        Index(
            "ix_cases_filed_at",
            *("filed_at", "department"),
            postgresql_where=text("filed_at IS NOT NULL"),
        ),
        Index(
            "ix_cases_close_due_at",
            *("close_due_at", "department"),
            postgresql_where=text("close_due_at IS NOT NULL"),
        ),
        Index("ix_cases_place3857", "place3857", postgresql_using="gist"),
        Index("ix_cases_words", WORDS, postgresql_using="gin"),
        Index("ix_cases_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index(
            "ix_cases_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")
        ),
        Index(
            "ix_cases_suspended_until",
            "suspended_until",
            postgresql_where=text("suspended_until IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    number: Mapped[str | None] = mapped_column(CODE)
    client_uid: Mapped[UUID | None]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id"))
    source: Mapped[str]
    kind: Mapped[str] = mapped_column(ForeignKey("kinds.id"))
    part_code: Mapped[str | None] = mapped_column(CODE)
    condition_id: Mapped[int | None] = mapped_column(ForeignKey("conditions.id"))
    description: Mapped[str]
    address: Mapped[str]
    cell: Mapped[str | None] = mapped_column(CODE)
    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    place3857: Mapped[WKBElement] = mapped_column(
        Geometry("POINT", srid=3857, spatial_index=False),
        Computed("ST_Transform(place, 3857)", persisted=True),
    )
    state: Mapped[str]
    stage: Mapped[str]
    department: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    reporter_id: Mapped[int | None]
    inspector_id: Mapped[int | None]
    passed: Mapped[bool | None]
    confirmed: Mapped[bool | None]
    rework_count: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    extensions: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    suspensions: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    returns: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    exempt: Mapped[bool] = mapped_column(server_default=text("false"))
    appealed: Mapped[bool] = mapped_column(server_default=text("false"))
    self_handled: Mapped[bool] = mapped_column(server_default=text("false"))
    filer_id: Mapped[int | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    clock_at: Mapped[datetime | None]
    clock_limit: Mapped[float | None]
    clock_unit: Mapped[str | None]
    amber_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    overdue_marked_at: Mapped[datetime | None]
    handle_from: Mapped[datetime | None]
    handle_limit: Mapped[float | None]
    left_value: Mapped[float | None]
    left_for: Mapped[str | None]
    suspended_until: Mapped[datetime | None]
    captured_at: Mapped[datetime | None]
    reported_at: Mapped[datetime]
    filed_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
    handle_due_at: Mapped[datetime | None]
    close_due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    external_id: Mapped[str | None]
    import_id: Mapped[int | None]
    steps: Mapped[int] = mapped_column(SmallInteger)


class CaseStep(Base):
    """One line of the journal; rows are only ever added, each hashed over the one before."""

    __tablename__ = "case_steps"
    __table_args__ = (
        CheckConstraint("position > 0", name="position_counts_from_one"),
        Index("uq_case_steps_case_id_position", "case_id", "position", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    action: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    actor_id: Mapped[int]
    post: Mapped[str]
    department: Mapped[str | None]
    answers: Mapped[dict[str, Any]]
    due_at: Mapped[datetime | None]
    at: Mapped[datetime]
    bulk: Mapped[bool] = mapped_column(server_default=text("false"))
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class CasePhoto(Base):
    """A photo shown with a step of a case."""

    __tablename__ = "case_photos"
    __table_args__ = (Index("ix_case_photos_photo_id", "photo_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"), primary_key=True)


class JournalAnchor(Base):
    """What one day added to the journal, exported and hashed over the day before; only added."""

    __tablename__ = "journal_anchors"

    day: Mapped[date] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(BigInteger)
    last_id: Mapped[int] = mapped_column(BigInteger)
    steps: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    heads: Mapped[str]
    former: Mapped[str]
    anchor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Caller(Base):
    """Who reported by telephone; kept apart from the case, masked wherever it is shown."""

    __tablename__ = "callers"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]


class CaseCounter(Base):
    """The last serial of a kind and a day; held by the filing transaction, so without gaps."""

    __tablename__ = "case_counters"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class CaseRequest(Base):
    """Something asked about a case (延期 挂账 回退 作废 …), who must agree, and what came of it."""

    __tablename__ = "case_requests"
    __table_args__ = (
        CheckConstraint("done <= cardinality(levels)", name="no_more_agree_than_must"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_with_an_outcome"),
        CheckConstraint(
            "outcome IN ('granted','refused','withdrawn','lapsed')", name="outcome_known"
        ),
        Index(
            "uq_case_requests_open",
            "case_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_case_requests_case_id", "case_id", "id"),
        Index("ix_case_requests_open_level", "id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    uid: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str]
    levels: Mapped[list[str]] = mapped_column(ARRAY(String))
    done: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    reason: Mapped[str]
    until: Mapped[date | None]
    department: Mapped[str | None]
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    asked_step: Mapped[int] = mapped_column(SmallInteger)
    reviewed_by: Mapped[int | None]
    reviewed_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]
    ended_at: Mapped[datetime | None]
    ended_step: Mapped[int | None] = mapped_column(SmallInteger)
    outcome: Mapped[str | None]


class CaseHelper(Base):
    """A department that helps with a case (协办) that another one handles."""

    __tablename__ = "case_helpers"
    __table_args__ = (Index("ix_case_helpers_department", "department", "case_id"),)

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    department: Mapped[str] = mapped_column(ForeignKey("departments.code"), primary_key=True)
    asked_step: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_step: Mapped[int | None] = mapped_column(SmallInteger)


class NumberPattern(Base):
    """How a profile writes its case numbers where not as ``rules.PATTERN`` says."""

    __tablename__ = "number_patterns"

    profile: Mapped[str] = mapped_column(primary_key=True)
    pattern: Mapped[str]
