"""Figures of a layer: counts, ground and length, what the attributes hold, where it lies."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import bulk, clock, sql
from app.kernel.queue import Progress

HERE = Path(__file__).parent
MEASURES = text(sql.read(HERE, "measures"))
ATTRIBUTES = text(sql.read(HERE, "attributes"))
BY_AREA = text(sql.read(HERE, "by_area"))
SYSTEM = text(sql.read(HERE, "system_measures"))
KEEP = text(
    "UPDATE layers SET statistics = CAST(:figures AS jsonb) WHERE name = :layer AND NOT is_own"
)


def of_version(session: Session, version: int) -> dict[str, Any]:
    """Return the figures of one version; they never change, so they are counted once.

    Areas are square metres and lengths metres on the ellipsoid.
    """
    binds = {"version": version}
    found: dict[str, Any] = dict(session.execute(MEASURES, binds).one()._mapping)
    rows = session.execute(ATTRIBUTES, binds)
    found["attributes"] = [dict(row._mapping) for row in rows]
    found["areas"] = [dict(row._mapping) for row in session.execute(BY_AREA, binds)]
    return found


def recount(progress: Progress, sessions: sessionmaker[Session], *, layer: str) -> None:
    """Count a layer of the city itself and keep the figures with it."""
    with sessions.begin() as session:
        bulk.unhurried(session)
        rows = [dict(row._mapping) for row in session.execute(SYSTEM, {"layer": layer})]
        figures = {"at": clock.now().isoformat(), "classes": rows}
        told = {"layer": layer, "figures": json.dumps(figures, ensure_ascii=False, default=float)}
        session.execute(KEEP, told)
        progress.finish(session, {"classes": len(rows)})
