"""The register of layers (图层), their contents and styles in versions, imports of the base map."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

NOW = text("now()")
EMPTY = text("'{}'")


class Layer(Base):
    """A layer of the maps; ``posts`` may see it, everybody when that is empty.

    What is not ``is_own`` draws the city's own tables: the base map, beats, cells, parts, cases.
    """

    __tablename__ = "layers"
    __table_args__ = (
        CheckConstraint("name ~ '^[a-z][a-z0-9_]{1,39}$'", name="name_plain"),
        CheckConstraint(
            "min_zoom BETWEEN 0 AND 22 AND max_zoom BETWEEN min_zoom AND 22", name="zooms_known"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    is_own: Mapped[bool] = mapped_column(server_default=text("true"))
    title: Mapped[str] = mapped_column(server_default="")
    title_en: Mapped[str] = mapped_column(server_default="")
    abstract: Mapped[str] = mapped_column(server_default="")
    source: Mapped[str] = mapped_column(server_default="")
    licence: Mapped[str] = mapped_column(server_default="")
    accuracy: Mapped[str] = mapped_column(server_default="")
    contact: Mapped[str] = mapped_column(server_default="")
    keywords: Mapped[str] = mapped_column(server_default="")
    surveyed_on: Mapped[date | None]
    posts: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=EMPTY)
    min_zoom: Mapped[int] = mapped_column(SmallInteger, server_default=text("9"))
    max_zoom: Mapped[int] = mapped_column(SmallInteger, server_default=text("22"))
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("25"))
    statistics: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    version_id: Mapped[int | None]
    style_id: Mapped[int | None]
    revision: Mapped[int] = mapped_column(server_default=text("1"))


class LayerStyle(Base):
    """A style as it was saved once; the layer names the one in force."""

    __tablename__ = "layer_styles"
    __table_args__ = (Index("ix_layer_styles_layer_id", "layer_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("layers.id", ondelete="CASCADE"))
    document: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    actor_id: Mapped[int | None]


class LayerVersion(Base):
    """What one imported file gave: checked, then published, kept when another follows."""

    __tablename__ = "layer_versions"
    __table_args__ = (Index("ix_layer_versions_layer_id", "layer_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    layer_id: Mapped[int] = mapped_column(ForeignKey("layers.id", ondelete="CASCADE"))
    import_id: Mapped[int | None]
    file: Mapped[str]
    crs: Mapped[str] = mapped_column(server_default="")
    report: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    statistics: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    published_at: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    actor_id: Mapped[int | None]


class LayerFeature(Base):
    """A feature of one version; ``row`` counts the file's rows from 1."""

    __tablename__ = "layer_features"
    __table_args__ = (
        Index("ix_layer_features_version_id", "version_id", "id"),
        Index("ix_layer_features_geom3857", "version_id", "geom3857", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("layer_versions.id", ondelete="CASCADE"))
    row: Mapped[int]
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("GEOMETRY", srid=SRID, spatial_index=False)
    )
    geom3857: Mapped[WKBElement | None] = mapped_column(
        Geometry("GEOMETRY", srid=3857, spatial_index=False),
        Computed("ST_Transform(geom, 3857)", persisted=True),
    )


class LayerRepair(Base):
    """A repair that is offered for a row put aside; a feature only once somebody accepts it."""

    __tablename__ = "layer_repairs"
    __table_args__ = (Index("ix_layer_repairs_version_id", "version_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("layer_versions.id", ondelete="CASCADE"))
    row: Mapped[int]
    reason: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    attributes: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("GEOMETRY", srid=SRID, spatial_index=False)
    )
    accepted_at: Mapped[datetime | None]


class BaseImport(Base):
    """One import of the base map, and what it replaced: undone as a whole or not at all."""

    __tablename__ = "base_imports"
    __table_args__ = (
        CheckConstraint("replaces IN ('nothing','box','source','all')", name="replaces_known"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    import_id: Mapped[int | None]
    source: Mapped[str]
    file: Mapped[str]
    replaces: Mapped[str]
    report: Mapped[dict[str, Any]] = mapped_column(server_default=EMPTY)
    undone_at: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    actor_id: Mapped[int | None]


class BaseRetired(Base):
    """A feature of the base map that an import replaced; it comes back when that is undone."""

    __tablename__ = "base_retired"
    __table_args__ = (Index("ix_base_retired_retired_by", "retired_by"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    retired_by: Mapped[int] = mapped_column(ForeignKey("base_imports.id", ondelete="CASCADE"))
    import_id: Mapped[int | None]
    layer: Mapped[str]
    cls: Mapped[str]
    name: Mapped[str]
    tags: Mapped[dict[str, Any]]
    geom: Mapped[WKBElement | None] = mapped_column(
        Geometry("GEOMETRY", srid=SRID, spatial_index=False)
    )
