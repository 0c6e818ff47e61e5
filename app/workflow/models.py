"""Published flows, and their edges for the database's own check."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Identity, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.tables import Base


class FlowVersion(Base):
    """One published version of a flow; never edited, only superseded."""

    __tablename__ = "flows"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class FlowEdge(Base):
    """A change of state that a flow allows; a trigger on ``cases`` refuses any other."""

    __tablename__ = "flow_edges"

    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
