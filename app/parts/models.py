"""The register of parts (部件)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

CODE = String(collation="C")


class Part(Base):
    """A coded city component with a place; ``code`` is division + kind + serial."""

    __tablename__ = "parts"
    __table_args__ = (
        CheckConstraint(
            "state IN ('intact','damaged','lost','abandoned','removed')", name="state_known"
        ),
        Index("ix_parts_geom", "geom", postgresql_using="gist"),
        Index("ix_parts_geom3857", "geom3857", postgresql_using="gist"),
        # Over the centre, so that only a search of one kind can take it (migration 0002).
        Index("ix_parts_kind_centre", "kind", text("ST_Centroid(geom)"), postgresql_using="gist"),
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
    """One import of a file: what was read, stored, put aside, and by which command."""

    __tablename__ = "imports"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    what: Mapped[str]
    file: Mapped[str]
    read: Mapped[int] = mapped_column(server_default=text("0"))
    stored: Mapped[int] = mapped_column(server_default=text("0"))
    quarantined: Mapped[int] = mapped_column(server_default=text("0"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
