"""Where inspectors are, and where they have been."""

from __future__ import annotations

from datetime import datetime

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import SRID, Base


class TrackPoint(Base):
    """One fix of an inspector's phone; its time is in the key, so that months can be parted."""

    __tablename__ = "track_points"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    accuracy_m: Mapped[float]


class LastPosition(Base):
    """The newest fix of an inspector."""

    __tablename__ = "last_positions"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    at: Mapped[datetime]
    place: Mapped[WKBElement] = mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))
    accuracy_m: Mapped[float]
