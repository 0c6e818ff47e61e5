"""Places with a name or a number (CJ/T 215, GB/T 30428.3), with former names and history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base

CODE = String(collation="C")
NONE = text("'{}'")


class Address(Base):
    """One place; ``id`` is division (6) + type (2) + serial (6) and is never given again."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint(
            "type IN ('region','tract','block','street','plate','poi')", name="type_known"
        ),
        CheckConstraint("state IN ('in_use','planned','ended')", name="state_known"),
        CheckConstraint("(state = 'ended') = (ended_on IS NOT NULL)", name="ended_when_it_ends"),
        CheckConstraint("type <> 'plate' OR number IS NOT NULL", name="plate_numbered"),
        CheckConstraint("ST_IsValid(geom)", name="geom_valid"),
        Index(
            "ix_addresses_plate_point",
            "point",
            postgresql_using="gist",
            postgresql_where=text("type = 'plate' AND ended_on IS NULL"),
        ),
        Index(
            "ix_addresses_poi_point",
            "point",
            postgresql_using="gist",
            postgresql_where=text("type = 'poi' AND ended_on IS NULL"),
        ),
        Index(
            "ix_addresses_street_geom",
            "geom",
            postgresql_using="gist",
            postgresql_where=text("type = 'street' AND ended_on IS NULL"),
        ),
        Index(
            "ix_addresses_street_number",
            "street",
            "number",
            postgresql_where=text("type = 'plate' AND ended_on IS NULL"),
        ),
        Index("ix_addresses_import_id", "import_id"),
    )

    id: Mapped[str] = mapped_column(CODE, primary_key=True)
    type: Mapped[str]
    name: Mapped[str]
    alias: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=NONE)
    former: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=NONE)
    parent: Mapped[str | None] = mapped_column(CODE)
    division: Mapped[str] = mapped_column(CODE)
    cell: Mapped[str | None] = mapped_column(CODE)
    street: Mapped[str | None] = mapped_column(ForeignKey("addresses.id"), type_=CODE)
    number: Mapped[int | None]
    sub: Mapped[str] = mapped_column(server_default="")
    unit: Mapped[str] = mapped_column(server_default="")
    side: Mapped[int | None] = mapped_column(SmallInteger)
    category: Mapped[str] = mapped_column(server_default="")
    geom: Mapped[WKBElement] = mapped_column(Geometry("GEOMETRY", srid=SRID, spatial_index=False))
    point: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    source: Mapped[str] = mapped_column(server_default="surveyed")
    begun_on: Mapped[date] = mapped_column(server_default=text("current_date"))
    changed_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(server_default="in_use")
    note: Mapped[str] = mapped_column(server_default="")
    version: Mapped[int] = mapped_column(server_default=text("1"))
    import_id: Mapped[int | None]


class AddressWord(Base):
    """A name a place is found by: its own, an alias, a former one; with its sound."""

    __tablename__ = "address_words"
    __table_args__ = (
        CheckConstraint("how IN ('name','alias','former')", name="how_known"),
        Index("ix_address_words_word", "word"),
        Index("ix_address_words_pinyin", "pinyin"),
        Index("ix_address_words_initials", "initials"),
        Index(
            "ix_address_words_alike",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
    )

    address: Mapped[str] = mapped_column(
        ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True, type_=CODE
    )
    word: Mapped[str] = mapped_column(CODE, primary_key=True)
    how: Mapped[str]
    pinyin: Mapped[str] = mapped_column(CODE)
    initials: Mapped[str] = mapped_column(CODE)


class AddressSerial(Base):
    """The last serial given to a type in a district; none is ever given twice."""

    __tablename__ = "address_serials"

    division: Mapped[str] = mapped_column(CODE, primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class AddressChange(Base):
    """One line of a place's history: who changed what, from what; rows are only ever added."""

    __tablename__ = "address_changes"
    __table_args__ = (Index("ix_address_changes_address", "address", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    address: Mapped[str] = mapped_column(CODE)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    actor_id: Mapped[int]
    action: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]


class Crossing(Base):
    """Where two streets meet (交叉口); made anew whenever the streets change."""

    __tablename__ = "crossings"
    __table_args__ = (
        Index("ix_crossings_point", "point", postgresql_using="gist"),
        Index("ix_crossings_other", "other"),
    )

    one: Mapped[str] = mapped_column(
        ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True, type_=CODE
    )
    other: Mapped[str] = mapped_column(
        ForeignKey("addresses.id", ondelete="CASCADE"), primary_key=True, type_=CODE
    )
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    point: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
