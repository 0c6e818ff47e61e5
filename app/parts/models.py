"""The register of parts (部件)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

CODE = String(collation="C")


class Part(Base):
    """A coded city component with a place; ``code`` is division + kind + serial.

    Three bodies stand behind a part: ``owner`` is in charge of it (主管部门) and gets its cases,
    ``title_…`` has the title to it (权属单位), ``upkeep_…`` looks after it (养护单位).
    ``version`` grows with each line of its history.
    """

    __tablename__ = "parts"
    __table_args__ = (
        CheckConstraint(
            "state IN ('intact','damaged','lost','abandoned','removed')", name="state_known"
        ),
        Index("ix_parts_geom", "geom", postgresql_using="gist"),
        Index("ix_parts_geom3857", "geom3857", postgresql_using="gist"),
        # Over the centre, so that only a search of one kind can take it (migration 0002).
        Index("ix_parts_kind_centre", "kind", text("ST_Centroid(geom)"), postgresql_using="gist"),
        Index("ix_parts_kind_code", "kind", "code"),
        Index("ix_parts_state_code", "state", "code", postgresql_where=text("state <> 'intact'")),
        Index("ix_parts_owner_code", "owner", "code", postgresql_where=text("owner IS NOT NULL")),
        Index(
            "ix_parts_import_code",
            "import_id",
            "code",
            postgresql_where=text("import_id IS NOT NULL"),
        ),
        Index(
            "ix_parts_external",
            "external_id",
            "kind",
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index("ix_parts_words", text("bigrams(name)"), postgresql_using="gin"),
        Index(
            "ix_parts_number",
            text("lower(external_id)"),
            postgresql_where=text("external_id IS NOT NULL"),
        ),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[str] = mapped_column(ForeignKey("kinds.id"))
    name: Mapped[str]
    owner: Mapped[str | None] = mapped_column(ForeignKey("departments.code"))
    cell: Mapped[str | None] = mapped_column(CODE)
    state: Mapped[str] = mapped_column(server_default="intact")
    source: Mapped[str] = mapped_column(server_default="surveyed")
    begun_on: Mapped[date] = mapped_column(server_default=text("current_date"))
    import_id: Mapped[int | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    external_id: Mapped[str | None]
    title_code: Mapped[str] = mapped_column(server_default="")
    title_name: Mapped[str] = mapped_column(server_default="")
    upkeep_code: Mapped[str] = mapped_column(server_default="")
    upkeep_name: Mapped[str] = mapped_column(server_default="")
    note: Mapped[str] = mapped_column(server_default="")
    changed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))
    geom3857: Mapped[WKBElement] = mapped_column(
        Geometry("GEOMETRY", srid=3857, spatial_index=False),
        Computed("ST_Transform(geom, 3857)", persisted=True),
    )


class PartSerial(Base):
    """The last serial given to a kind in a division; none is ever given twice."""

    __tablename__ = "part_serials"

    division: Mapped[str] = mapped_column(CODE, primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class PartCount(Base):
    """How many parts of a big class lie in a small square, for tiles below zoom 14."""

    __tablename__ = "part_counts"
    __table_args__ = (Index("ix_part_counts_place", "z", "geom3857", postgresql_using="gist"),)

    z: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    gx: Mapped[int] = mapped_column(Integer, primary_key=True)
    gy: Mapped[int] = mapped_column(Integer, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    geom3857: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=3857, spatial_index=False))


class Import(Base):
    """One import of a file: what was read, stored, put aside, by whom, and how far it is.

    Commands apply at once; on the page a file is compared first, and applied when it is wanted.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(
            "state IN ('sent','compared','applied','undone','dropped')", name="state_known"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    what: Mapped[str]
    file: Mapped[str]
    read: Mapped[int] = mapped_column(server_default=text("0"))
    stored: Mapped[int] = mapped_column(server_default=text("0"))
    quarantined: Mapped[int] = mapped_column(server_default=text("0"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    kind: Mapped[str | None]
    actor_id: Mapped[int | None]
    upload_id: Mapped[UUID | None]
    mapping: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    state: Mapped[str] = mapped_column(server_default="applied")
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class PartStep(Base):
    """One line of a part's history: who changed what from what to what, and why.

    Lines are only ever added.  ``changes`` is ``{field: [from, to]}``, a shape as EWKB in hex.
    """

    __tablename__ = "part_steps"
    __table_args__ = (
        UniqueConstraint("part", "position"),
        CheckConstraint(
            "action IN ('add','edit','photo','import','undo','survey')", name="action_known"
        ),
        Index(
            "ix_part_steps_import_id",
            "import_id",
            "part",
            postgresql_where=text("import_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    part: Mapped[str] = mapped_column(CODE)
    position: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    actor_id: Mapped[int | None]
    action: Mapped[str]
    import_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(server_default="")
    changes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    photos: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))


class ImportRow(Base):
    """One row of a file that is compared with the register; what is gone has a negative number."""

    __tablename__ = "import_rows"
    __table_args__ = (
        CheckConstraint(
            "action IN ('read','new','changed','same','gone','aside')", name="action_known"
        ),
        Index("ix_import_rows_action", "import_id", "action", "row"),
        Index("ix_import_rows_code", "import_id", "code"),
    )

    import_id: Mapped[int] = mapped_column(
        ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True
    )
    row: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    code: Mapped[str | None] = mapped_column(CODE)
    reason: Mapped[str] = mapped_column(server_default="")
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    seen: Mapped[str] = mapped_column(server_default="")
    told: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    changes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    repair: Mapped[str] = mapped_column(server_default="")
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("GEOMETRY", srid=SRID, spatial_index=False)
    )


class ImportMapping(Base):
    """Which column of a stranger's table is which of ours, kept under a name for the next file."""

    __tablename__ = "import_mappings"

    name: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[dict[str, Any]]
    actor_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
