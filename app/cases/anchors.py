"""The journal leaves the database every night: a file a day, and an anchor that chains the days.

A file holds every step that was stored since the one before, each with its hash.  The anchor of a
day is the hash over the file's, over the last hash of each case in it, and over the former anchor:
who keeps today's anchor elsewhere can prove that nothing before it was changed, were it by
somebody who may switch off triggers.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk
from app.kernel.clock import CITY_TIME

BATCH = 2_000
LOCK = text("SELECT pg_advisory_xact_lock(hashtext('journal_anchors'))")
LAST = text("SELECT day, last_id, anchor FROM journal_anchors ORDER BY day DESC LIMIT 1")
KNOWN = text("SELECT day, first_id, last_id, sha256 FROM journal_anchors WHERE day = :day")
# No writer may be between taking a number and committing it while the end of the day is read.
STILL = text("LOCK TABLE case_steps IN SHARE MODE")
UPTO = text("SELECT id FROM case_steps WHERE at < :end ORDER BY id DESC LIMIT 1")
STEPS = text(
    "SELECT id, case_id, position, action, source, target, actor_id, post, department, answers,"
    " due_at, at, bulk, encode(hash, 'hex') AS hash FROM case_steps"
    " WHERE id >= :first AND id <= :last ORDER BY id"
)
HEADS = text(
    "SELECT DISTINCT ON (case_id) case_id, hash FROM case_steps"
    " WHERE id >= :first AND id <= :last ORDER BY case_id, position DESC"
)
KEEP = text(
    "INSERT INTO journal_anchors (day, first_id, last_id, steps, sha256, heads, former, anchor)"
    " VALUES (:day, :first, :last, :steps, :sha256, :heads, :former, :anchor)"
)
STREAMED = {"stream_results": True, "yield_per": BATCH}
Tell = Callable[[int], object]


def place(data: Path, day: date) -> Path:
    """Return where the journal of ``day`` lies below the folder ``data``."""
    return data / "journal" / f"{day:%Y-%m-%d}.jsonl.gz"


def export(
    session: Session, data: Path, day: date, *, tell: Tell = lambda _: None
) -> dict[str, Any]:
    """Write the journal of ``day`` (a day that is over) and return its anchor.

    A day that has its anchor is written again only if its file is gone: asking twice changes
    nothing.  The file is whole and on disk before the anchor is stored.
    """
    bulk.unhurried(session)
    session.execute(LOCK)
    known = session.execute(KNOWN, {"day": day}).first()
    if known is not None:
        return _again(session, data, known, tell)
    former = session.execute(LAST).first()
    if former is not None and former.day >= day:
        return {"day": f"{day}", "steps": 0, "missed": True}
    first = former.last_id + 1 if former else 1
    last = max(_end_of(session, day), first - 1)
    written, sha256 = _write(session, place(data, day), first, last, tell)
    heads = heads_of(session, first, last)
    told = {"day": day, "first": first, "last": last, "steps": written, "sha256": sha256}
    chained = former.anchor if former else ""
    anchor = anchor_of(f"{day}", written, sha256, heads, chained)
    session.execute(KEEP, {**told, "heads": heads, "former": chained, "anchor": anchor})
    return {"day": f"{day}", "steps": written, "sha256": sha256, "anchor": anchor}


def _end_of(session: Session, day: date) -> int:
    """Return the number of the last step of ``day``; writers wait a moment while it is read."""
    end = datetime.combine(day + timedelta(days=1), time(), CITY_TIME)
    with session.begin_nested() as held:
        session.execute(STILL)
        found = session.execute(UPTO, {"end": end}).scalar()
        held.rollback()
    return int(found or 0)


def _again(session: Session, data: Path, known: Any, tell: Tell) -> dict[str, Any]:
    if not place(data, known.day).is_file():
        _write(session, place(data, known.day), known.first_id, known.last_id, tell)
    return {"day": f"{known.day}", "sha256": known.sha256, "again": True}


def _write(session: Session, path: Path, first: int, last: int, tell: Tell) -> tuple[int, str]:
    """Write steps ``first`` to ``last``; the same steps always make the same bytes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside, done = path.with_suffix(".writing"), 0
    with aside.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, filename="", mode="wb", mtime=0) as file:
            for line in _lines(session, first, last):
                file.write(line + b"\n")
                done += 1
                if done % BATCH == 0:
                    tell(done)
        raw.flush()
        os.fsync(raw.fileno())
    aside.replace(path)
    return done, sha256_of(path)


def _lines(session: Session, first: int, last: int) -> Iterator[bytes]:
    rows = session.execute(STEPS, {"first": first, "last": last}, execution_options=STREAMED)
    for row in rows.mappings():
        yield json.dumps(dict(row), ensure_ascii=False, sort_keys=True, default=_plain).encode()


def _plain(value: Any) -> str:
    return value.astimezone(CITY_TIME).isoformat() if isinstance(value, datetime) else str(value)


def sha256_of(path: Path) -> str:
    """Return the hash of a file's bytes, read a piece at a time."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(partial(file.read, 1 << 20), b""):
            found.update(piece)
    return found.hexdigest()


def heads_of(session: Session, first: int, last: int) -> str:
    """Return the hash over the last hash of each case with a step from ``first`` to ``last``."""
    found = hashlib.sha256()
    rows = session.execute(HEADS, {"first": first, "last": last}, execution_options=STREAMED)
    for row in rows:
        found.update(f"{row.case_id}:".encode() + bytes(row.hash))
    return found.hexdigest()


def anchor_of(day: str, steps: int, sha256: str, heads: str, former: str) -> str:
    """Return the anchor of a day: the hash over what it says and over the anchor before it."""
    told = "\x1f".join((day, str(steps), sha256, heads, former))
    return hashlib.sha256(told.encode()).hexdigest()


ANCHORS = text("SELECT * FROM journal_anchors ORDER BY day")


def differences(session: Session, data: Path) -> Iterator[dict[str, Any]]:
    """Yield every day whose file, steps or anchor are not what the chain of anchors says."""
    former = ""
    for row in session.execute(ANCHORS).all():
        path = place(data, row.day)
        right = anchor_of(f"{row.day}", row.steps, row.sha256, row.heads, row.former)
        if row.former != former or row.anchor != right:
            yield {"what": "the chain of days is broken", "day": row.day}
        if not path.is_file():
            yield {"what": "the journal of a day is not on disk", "day": row.day}
        elif sha256_of(path) != row.sha256:
            yield {"what": "the journal of a day was changed on disk", "day": row.day}
        if heads_of(session, row.first_id, row.last_id) != row.heads:
            yield {"what": "the journal is not what was exported", "day": row.day}
        former = row.anchor
