"""Published evaluation schemes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base


class Scheme(Base):
    """What is measured of an object, and how the measures become one score."""

    __tablename__ = "schemes"

    code: Mapped[str] = mapped_column(primary_key=True)
    object: Mapped[str]
    name: Mapped[str]
    document: Mapped[dict[str, Any]]
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
