"""The kernel's own tables: retries, outbox and feed, audit, jobs, photos, versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

NOW = text("now()")


class Attempt(Base):
    """A write that was answered: the same key gets the same answer again."""

    __tablename__ = "attempts"

    actor_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    answer: Mapped[dict[str, Any] | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Outgoing(Base):
    """Something committed that others must hear of; the publisher moves it to the feed."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)
    step_id: Mapped[int | None] = mapped_column(BigInteger)
    area: Mapped[str]
    department: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class FeedItem(Base):
    """One line of the replayable feed; ``seq`` has no gaps and grows in order of commit."""

    __tablename__ = "feed"
    __table_args__ = (Index("ix_feed_step_id", "step_id"), Index("ix_feed_at", "at"))

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    topic: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)
    step_id: Mapped[int | None] = mapped_column(BigInteger)
    area: Mapped[str]
    department: Mapped[str | None]
    at: Mapped[datetime]


class FeedHead(Base):
    """The last number given out; one row, held by the publisher while it works."""

    __tablename__ = "feed_head"

    only: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    last: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class AuditLine(Base):
    """Who did what, from where, with what result; rows are only ever added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    actor_id: Mapped[int]
    action: Mapped[str]
    subject: Mapped[str]
    result: Mapped[str]
    request_id: Mapped[str]
    origin: Mapped[str]


class Job(Base):
    """Work for the background process, stored by the transaction that asks for it."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_ready", "run_at", postgresql_where=text("done_at IS NULL")),
        Index(
            "uq_jobs_waiting",
            "name",
            "dedupe",
            unique=True,
            postgresql_where=text("done_at IS NULL AND dedupe IS NOT NULL"),
        ),
        Index("ix_jobs_actor_id", "actor_id", "id", postgresql_where=text("actor_id IS NOT NULL")),
        CheckConstraint("ended IN ('done','refused','cancelled','failed')", name="ended_known"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    args: Mapped[dict[str, Any]]
    dedupe: Mapped[str | None]
    run_at: Mapped[datetime] = mapped_column(server_default=NOW)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    held_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    actor_id: Mapped[int | None]
    title: Mapped[str] = mapped_column(server_default="")
    begun_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    total: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(server_default="")
    result: Mapped[dict[str, Any] | None]
    ended: Mapped[str | None]
    cancel_asked_at: Mapped[datetime | None]


class UploadedFile(Base):
    """A file that somebody sent to be imported; it lies on disk for a week."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_at", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    uploader_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Firing(Base):
    """One run of a timed job; the key makes a second clock's firing a no-op."""

    __tablename__ = "firings"

    job: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[datetime] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=NOW)


class Version(Base):
    """How often a group of settings or a map layer has changed; caches ask this."""

    __tablename__ = "versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))


class Photo(Base):
    """A stored photo: re-encoded, without its camera data, named by the hash of its bytes."""

    __tablename__ = "photos"
    __table_args__ = (
        Index("ix_photos_sha256", "sha256"),
        Index(
            "ix_photos_look",
            text("hash_bands(look)"),
            postgresql_using="gin",
            postgresql_where=text("look IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    sha256: Mapped[str]
    original_sha256: Mapped[str]
    bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    taken_at: Mapped[datetime | None]
    place: Mapped[WKBElement | None] = mapped_column(
        Geometry("POINT", srid=SRID, spatial_index=False)
    )
    uploader_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    look: Mapped[int | None] = mapped_column(BigInteger)
    edges: Mapped[int | None] = mapped_column(BigInteger)
    device_place: Mapped[WKBElement | None] = mapped_column(
        Geometry("POINT", srid=SRID, spatial_index=False)
    )
    device_accuracy_m: Mapped[float | None]
