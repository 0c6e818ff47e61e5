"""What a case sheet (案卷单) shows besides the case itself: surroundings, photos, the last hash."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql

source = partial(sql.read, Path(__file__).parent)
PHOTOS = text(
    "SELECT f.position, p.sha256 FROM case_photos f JOIN photos p ON p.id = f.photo_id"
    " WHERE f.case_id = :case ORDER BY f.position, p.id LIMIT 60"
)
HEAD = text(
    "SELECT position, encode(hash, 'hex') AS hash FROM case_steps WHERE case_id = :case"
    " ORDER BY position DESC LIMIT 1"
)
MADE = text(
    "SELECT id FROM jobs WHERE name = 'print_case' AND actor_id = :person AND ended = 'done'"
    " AND args ->> 'uid' = :uid ORDER BY id DESC LIMIT 1"
)
NAME = text("SELECT name FROM people WHERE id = :person")


def surroundings(session: Session, case_id: int, reach: float) -> list[dict[str, Any]]:
    """Return what is drawn around a case: layer, class, name, SVG path, and where a name stands."""
    rows = session.execute(text(source("surroundings")), {"case": case_id, "reach": reach})
    return [dict(row) for row in rows.mappings()]


def photos(session: Session, case_id: int) -> list[dict[str, Any]]:
    """Return the photos of a case by step: position in the journal, name of the file."""
    return [dict(row) for row in session.execute(PHOTOS, {"case": case_id}).mappings()]


def head(session: Session, case_id: int) -> dict[str, Any]:
    """Return position and hash of the last line of a case's journal."""
    return dict(session.execute(HEAD, {"case": case_id}).mappings().one())


def newest_sheet(session: Session, person: int, uid: str) -> int | None:
    """Return the job that made the newest sheet of a case for ``person``, None if none did."""
    found: int | None = session.execute(MADE, {"person": person, "uid": uid}).scalar()
    return found


def name_of(session: Session, person: int) -> str:
    """Return what ``person`` is called, "" if unknown."""
    return str(session.execute(NAME, {"person": person}).scalar() or "")


LATE_COUNTS = text(
    "SELECT coalesce(d.name, '') AS name, count(*) AS n FROM cases c"
    " LEFT JOIN departments d ON d.code = c.department"
    " WHERE c.closed_at IS NULL AND c.due_at < :at"
    " AND c.state NOT IN ('rejected', 'void', 'merged', 'suspended')"
    " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 40"
)


def late_counts(session: Session, at: datetime) -> list[dict[str, Any]]:
    """Return how many open cases of each department are late ``at``, the most first."""
    return [dict(row) for row in session.execute(LATE_COUNTS, {"at": at}).mappings()]
