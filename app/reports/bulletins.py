"""The monthly bulletin (通报): written when a month is over, kept, told to the leaders."""

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import queue
from app.kernel.clock import local
from app.kernel.errors import NotFound, sentence
from app.kernel.queue import Progress
from app.notices import service as notices
from app.reports import rankings

KNOWN = text("SELECT EXISTS (SELECT FROM bulletins WHERE month = :month)")
LISTED = text("SELECT month, written_at FROM bulletins ORDER BY month DESC LIMIT 24")
ONE = text("SELECT content FROM bulletins WHERE month = :month")
KEEP = text(
    "INSERT INTO bulletins (month, sha256, content) VALUES (:month, :sha256, :content)"
    " ON CONFLICT (month) DO NOTHING"
)
TOLD = sentence("The bulletin of %(month)s is written. It is on the page of the evaluation.")


def month_before(at: datetime) -> str:
    """Return the month before the city's present one.

    >>> from datetime import UTC
    >>> month_before(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    '2026-12'
    """
    return f"{local(at).replace(day=1) - timedelta(days=1):%Y-%m}"


def ask(session: Session, *, at: datetime) -> int | None:
    """Ask for the bulletin of the month that is over, unless there is one."""
    month = month_before(at)
    if session.execute(KNOWN, {"month": month}).scalar():
        return None
    return queue.defer(session, "write_bulletin", dedupe=month, month=month)


def write(
    progress: Progress, sessions: sessionmaker[Session], data: Path, ranking: rankings.Ranking,
    *, month: str,
) -> None:  # fmt: skip
    """Write the bulletin of ``month`` and tell the leaders; once, however often it runs."""
    with sessions.begin() as session:
        told = rankings.gathered(session, ranking, objects="departments", period=month)
    made = rankings.draw({**told, "bulletin": True}, data / "files")
    kept = {"month": month, "sha256": sha256(made).hexdigest(), "content": made}
    with sessions.begin() as session:
        if session.execute(KEEP, kept).rowcount:  # type: ignore[attr-defined]
            cause = f"bulletin:{month}"
            notices.announce(session, "bulletin", TOLD, cause=cause, posts=["leader"], month=month)
        progress.finish(session, {"month": month})


def listed(session: Session) -> list[dict[str, Any]]:
    """Return the bulletins of the last two years, the newest first."""
    return [dict(row) for row in session.execute(LISTED).mappings()]


def content(session: Session, month: str) -> bytes:
    """Return the bulletin of ``month`` (PDF), or raise ``NotFound``."""
    found = session.execute(ONE, {"month": month}).scalar()
    if found is None:
        raise NotFound(sentence("There is no bulletin of this month."), month=month[:10])
    return bytes(found)
