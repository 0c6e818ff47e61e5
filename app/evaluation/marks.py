"""Keeping what every case counts for: at once as steps arrive, and the whole of history.

``refresh`` is the only writer.  Marks are derived from the journal alone, so it may be asked for
any case at any time, in any order and twice.  Whoever refreshes holds the cursor's row: tallies
are changed by differences, and two at once would count the same one twice.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session, sessionmaker

from app.evaluation.indicators import numbered
from app.kernel import clock, queue, sql
from app.kernel.errors import sentence

BATCH, MANY = 500, 4_000
"""Cases of one look at the feed, and of one transaction while history is counted."""
source = partial(sql.read, Path(__file__).parent)
FOLD = numbered(source("marks"))
REFRESH = text(FOLD + numbered(source("refresh")))
HOLD = text("SELECT seq, counted_to, whole_at FROM mark_cursor FOR UPDATE")
HOLD_IF_FREE = text("SELECT seq, counted_to, whole_at FROM mark_cursor FOR UPDATE SKIP LOCKED")
NEWS = text(
    "SELECT seq, CASE WHEN topic = 'case' THEN subject_id END AS id FROM feed WHERE seq > :seq"
    " ORDER BY seq LIMIT :most"
)
LOST = text("SELECT coalesce(min(seq) > :seq + 1, false) FROM feed")
RUNG = text("SELECT case_id FROM mark_clocks WHERE at <= :at ORDER BY at, case_id LIMIT :most")
MOVE = text("UPDATE mark_cursor SET seq = :seq, at = :at")
NEXT = text("SELECT id FROM cases WHERE id > :after ORDER BY id LIMIT :most")
REACHED = text("UPDATE mark_cursor SET counted_to = :to, whole_at = :whole_at")
ROOM = text("SET LOCAL work_mem = '64MB'")
ANEW = text("UPDATE mark_cursor SET counted_to = 0, whole_at = NULL")


def refresh(session: Session, ids: Iterable[int], *, at: datetime) -> int:
    """Make the marks and tallies of the cases ``ids`` what they are ``at``; return what changed."""
    listed = sorted(set(ids))
    if not listed:
        return 0
    session.execute(HOLD)
    session.execute(ROOM)
    found = session.execute(REFRESH, {"ids": listed, "at": at}).one()
    return int(found.changed)


def keep_current(session: Session, *, at: datetime, most: int = BATCH) -> int:
    """Count what the feed tells anew and what came due by ``at``; return how many cases it were.

    The feed's numbers follow the order of commit (ADR 0003), so a step that was written before
    another and committed after it is not passed over.  While history is counted this waits.
    """
    total = 0
    while (cursor := session.execute(HOLD_IF_FREE).first()) is not None:
        if cursor.whole_at is None or session.execute(LOST, {"seq": cursor.seq}).scalar():
            ask_whole(session)
        news = session.execute(NEWS, {"seq": cursor.seq, "most": most}).all()
        rung = session.scalars(RUNG, {"at": at, "most": most}).all()
        ids = {row.id for row in news if row.id is not None} | set(rung)
        refresh(session, ids, at=at)
        session.execute(MOVE, {"seq": news[-1].seq if news else cursor.seq, "at": at})
        total += len(ids)
        if len(news) < most and len(rung) < most:
            break
    return total


def ask_whole(session: Session) -> None:
    """Ask the worker to count the whole of history, unless it was asked already."""
    queue.defer(
        session, "count_marks", dedupe="marks", title=sentence("Count all cases for evaluation")
    )


def count_whole(
    sessions: sessionmaker[Session],
    *,
    anew: bool = False,
    tell: Callable[[int], object] = lambda _: None,
    at: Callable[[], datetime] = clock.now,
) -> int:
    """Count every case, a batch a transaction, and return how many; ``anew`` from the first.

    One that was broken off goes on where it was; cases that are counted already change nothing.
    """
    total, going = 0, True
    while going:
        tell(total)
        with sessions.begin() as session:
            if anew:
                session.execute(ANEW)
            anew = False
            done = _next(session, at())
        total, going = total + done, done > 0
    return total


def _next(session: Session, at: datetime) -> int:
    """Count the next cases after the cursor; return how many, none when the end is reached."""
    cursor: Row[Any] = session.execute(HOLD).one()
    after = 0 if cursor.whole_at is not None else cursor.counted_to
    ids: Sequence[int] = session.scalars(NEXT, {"after": after, "most": MANY}).all()
    refresh(session, ids, at=at)
    session.execute(REACHED, {"to": ids[-1] if ids else after, "whole_at": None if ids else at})
    return len(ids)


def work(progress: queue.Progress, sessions: sessionmaker[Session]) -> dict[str, Any]:
    """Do as ``count_whole`` for a job."""
    return {"counted": count_whole(sessions, tell=progress.tell)}
