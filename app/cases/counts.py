"""The figures of the command wall."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import queries
from app.cases.forms import SOURCES, Filters
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.i18n import translate
from app.kernel.scopes import visible

LATEST = 20


def counts(session: Session, actor: Actor, *, at: datetime) -> dict[str, Any]:
    """Return today's counts, the last thirty days by kind and source, and the latest cases."""
    clauses, binds = visible(actor)
    ask = queries.source("counts").replace("/*visible*/ true", " AND ".join(["true", *clauses]))
    today = local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    bound = {"at": at, "today": today, "month": today - timedelta(days=30), **binds}
    found: dict[str, Any] = session.execute(text(ask), bound).scalar_one()
    for row in found["by_source"]:
        row["label"] = translate(SOURCES.get(row["code"], row["code"]))
    found["latest"] = queries.page(session, actor, Filters(limit=LATEST), at=at).items
    return found
