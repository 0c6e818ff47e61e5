"""Monthly bulletins of the evaluation, kept as they were written."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base


class Bulletin(Base):
    """The report of a month (PDF), written once on the first of the next."""

    __tablename__ = "bulletins"

    month: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
