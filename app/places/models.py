"""Where things are: the division tree, areas, unit grids, beats, the base map."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

CODE = String(collation="C")
"""Codes are searched by prefix; only the C collation lets a plain index do that."""


def in_mercator(column: str) -> Computed:
    """Return ``column`` in EPSG:3857, computed once when the row is written, for the tiles."""
    return Computed(f"ST_Transform({column}, 3857)", persisted=True)


class Division(Base):
    """One line of the administrative division tree (GB/T 2260, GB/T 10114): five levels."""

    __tablename__ = "divisions"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level_known"),
        Index("ix_divisions_parent_code", "parent_code"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    name: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_code: Mapped[str | None] = mapped_column(CODE)


class Area(Base):
    """The ground of a district, street or community; not every surveyed one has a code yet."""

    __tablename__ = "areas"
    __table_args__ = (
        CheckConstraint("level IN ('district','street','community')", name="level_known"),
        CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
        Index("uq_areas_code", "code", unique=True, postgresql_where=text("code IS NOT NULL")),
        Index("ix_areas_geom", "geom", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    level: Mapped[str]
    code: Mapped[str | None] = mapped_column(CODE)
    name: Mapped[str]
    within: Mapped[str | None]
    geom: Mapped[WKBElement] = mapped_column(
        Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False)
    )


class Beat(Base):
    """A set of cells bound to inspectors (责任网格) during one shift; the ground is theirs."""

    __tablename__ = "beats"
    __table_args__ = (
        Index("ix_beats_geom3857", "geom3857", postgresql_using="gist"),
        UniqueConstraint("shift_id", "name"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), server_default=text("1"))
    name: Mapped[str]
    district: Mapped[str]
    geom: Mapped[WKBElement] = mapped_column(
        Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False)
    )
    geom3857: Mapped[WKBElement] = mapped_column(
        Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), in_mercator("geom")
    )


class Shift(Base):
    """A part of the day that inspectors work in; the first is the one that places are told of."""

    __tablename__ = "shifts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    begins: Mapped[time]
    ends: Mapped[time]


class BeatCell(Base):
    """A cell of a beat: the key lets no cell be in two beats of one shift."""

    __tablename__ = "beat_cells"
    __table_args__ = (Index("ix_beat_cells_beat_id", "beat_id"),)

    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), primary_key=True)
    cell: Mapped[str] = mapped_column(CODE, primary_key=True)
    beat_id: Mapped[int] = mapped_column(ForeignKey("beats.id", ondelete="CASCADE"))


class BeatInspector(Base):
    """An inspector of a beat."""

    __tablename__ = "beat_inspectors"

    beat_id: Mapped[int] = mapped_column(
        ForeignKey("beats.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(primary_key=True)


class Zone(Base):
    """A functional zone (开发区, 高新区, 度假区) beside the code tree, with a code of our own."""

    __tablename__ = "zones"
    __table_args__ = (
        CheckConstraint("code ~ '^Z[0-9]{6}$'", name="code_own"),
        Index("ix_zones_geom3857", "geom3857", postgresql_using="gist"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    geom: Mapped[WKBElement] = mapped_column(
        Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False)
    )
    geom3857: Mapped[WKBElement] = mapped_column(
        Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), in_mercator("geom")
    )


class ZoneMember(Base):
    """A division or a cell of a zone; what begins with its code belongs to the zone."""

    __tablename__ = "zone_members"
    __table_args__ = (Index("ix_zone_members_zone", "zone"),)

    member: Mapped[str] = mapped_column(CODE, primary_key=True)
    zone: Mapped[str] = mapped_column(CODE, ForeignKey("zones.code", ondelete="CASCADE"))


class CellEdit(Base):
    """One change of the grid: the codes it ended and those it began; rows are only ever added."""

    __tablename__ = "cell_edits"
    __table_args__ = (Index("ix_cell_edits_community", "community", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    actor_id: Mapped[int]
    verb: Mapped[str]
    community: Mapped[str] = mapped_column(CODE)
    ended: Mapped[list[str]] = mapped_column(ARRAY(CODE))
    begun: Mapped[list[str]] = mapped_column(ARRAY(CODE))
    undoes: Mapped[int | None]


class CellLineage(Base):
    """Which code came after which: ground of ``old`` became ground of ``new``."""

    __tablename__ = "cell_lineage"
    __table_args__ = (Index("ix_cell_lineage_old", "old"),)

    new: Mapped[str] = mapped_column(CODE, primary_key=True)
    old: Mapped[str] = mapped_column(CODE, primary_key=True)


class Cell(Base):
    """A unit grid (单元网格); an ended one keeps its code for ever."""

    __tablename__ = "cells"
    __table_args__ = (
        CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
        CheckConstraint("ended_on IS NULL OR ended_on >= begun_on", name="ends_after_it_begins"),
        Index(
            "ix_cells_geom",
            "geom",
            postgresql_using="gist",
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index(
            "ix_cells_geom3857",
            "geom3857",
            postgresql_using="gist",
            postgresql_where=text("ended_on IS NULL"),
        ),
        Index("ix_cells_beat_id", "beat_id"),
    )

    code: Mapped[str] = mapped_column(CODE, primary_key=True)
    community: Mapped[str] = mapped_column(CODE)
    area_m2: Mapped[float] = mapped_column(Numeric(12, 2))
    grade: Mapped[str] = mapped_column(server_default="B")
    beat_id: Mapped[int | None]
    begun_on: Mapped[date] = mapped_column(server_default=text("current_date"))
    ended_on: Mapped[date | None]
    geom: Mapped[WKBElement] = mapped_column(Geometry("POLYGON", srid=SRID, spatial_index=False))
    geom3857: Mapped[WKBElement] = mapped_column(
        Geometry("POLYGON", srid=3857, spatial_index=False), in_mercator("geom")
    )


class BaseFeature(Base):
    """A feature of the base map, with the tags of its source that addresses can be made of."""

    __tablename__ = "base_features"
    __table_args__ = (
        CheckConstraint(
            "layer IN ('road','path','rail','water','green','building','place','poi')",
            name="layer_known",
        ),
        Index(
            "ix_base_features_geom",
            "geom",
            postgresql_using="gist",
            postgresql_where=text("layer = 'road'"),
        ),
        Index("ix_base_features_geom3857", "geom3857", postgresql_using="gist"),
        Index("ix_base_features_import_id", "import_id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    layer: Mapped[str]
    cls: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str] = mapped_column(server_default="")
    import_id: Mapped[int | None]
    tags: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))
    geom3857: Mapped[WKBElement] = mapped_column(
        Geometry("GEOMETRY", srid=3857, spatial_index=False), in_mercator("geom")
    )


class City(Base):
    """What holds for the whole city; one row.  ``profile`` is the code profile it runs."""

    __tablename__ = "city"

    only: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    profile: Mapped[str]
