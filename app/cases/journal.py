"""The journal of a case (办理经过): each line is added once, with all who must hear of it.

``append`` is the only writer.  It tells photos, audit, outbox and a retry of the line in the same
transaction, and nothing here commits.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.kernel import attempts, audit, sql
from app.kernel.attempts import Retry
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence

STEP = (
    sql.read(Path(__file__).parent, "step")
    .replace("/*noted*/", audit.NOTE_OF_STEP)
    .replace("/*kept*/", attempts.KEEP_OF_STEP)
)
STORED = text("SELECT id FROM photos WHERE id = ANY(CAST(:photos AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the journal of a case."""

    position: int
    action: str
    source: str
    target: str
    answers: Mapping[str, Any]
    due_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What goes out with a line: the answer (kept for a ``retry``), and who may hear of it."""

    retry: Retry | None
    answer: Mapping[str, Any]
    area: str
    department: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """The statement that makes or changes the case (RETURNING id), what it binds, what follows."""

    statement: str
    binds: Mapping[str, Any]
    more: str = ""


def alone(case_id: int) -> Moved:
    """Return what a line is about whose case is changed by nothing here."""
    return Moved("SELECT CAST(:case_id AS bigint) AS id", {"case_id": case_id})


def one_more(case_id: int) -> Moved:
    """Return what a line is about that leaves its case where it is."""
    ask = "UPDATE cases SET steps = steps + 1 WHERE id = :case_id RETURNING id"
    return Moved(ask, {"case_id": case_id})


def append(
    session: Session,
    moved: Moved,
    line: Line,
    told: Told,
    *,
    actor: Actor,
    photos: Iterable[str] | None = None,
) -> int | None:
    """Move a case and append ``line`` to its journal; tell photos, audit, outbox and a retry.

    Returns the case's id, or None if ``moved`` moved none: nothing is stored then.
    Raises ``Refused`` for a photo that was never stored.
    """
    shown = list(line.answers.get("photos", ()) if photos is None else photos)
    _check(session, shown)
    found = sql.ask(
        session,
        _step(moved.statement, moved.more),
        {
            **moved.binds,
            **audit.facts(actor, f"case.{line.action}", ""),
            **attempts.kept(actor, told.retry, told.answer),
            "photos": f"{{{','.join(shown)}}}",
            "line_position": line.position,
            "taken": line.action,
            "line_source": line.source,
            "target": line.target,
            "line_post": actor.post,
            "line_department": actor.department,
            "answers": json.dumps(dict(line.answers), ensure_ascii=False),
            "line_due_at": line.due_at,
            "line_at": line.at,
            "area": told.area,
            "held": told.department,
        },
    ).first()
    return found and int(found.case_id)


@cache
def _step(moved: str, more: str) -> str:
    return STEP.replace("/*moved*/", moved).replace("/*more*/", more)


def _check(session: Session, photos: list[str]) -> None:
    """Raise ``Refused`` if one of ``photos`` was never stored."""
    if not photos:
        return
    for photo in photos:
        try:
            UUID(photo)
        except ValueError:
            raise _no_photo(photo) from None
    stored = {str(one) for one in session.scalars(STORED, {"photos": photos})}
    if missing := [photo for photo in photos if photo.lower() not in stored]:
        raise _no_photo(missing[0])


def _no_photo(photo: str) -> Refused:
    return Refused(sentence("There is no photo “%(photo)s”."), photo=photo).about("photos")


def note(
    session: Session,
    row: Row[Any],
    action: str,
    answers: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Add a line about the case in ``row`` that leaves it where it is, and return the answer.

    The caller holds the row.  What such a line tells of is a record of its own, beside the case.
    """
    position = row.steps + 1
    told = {name: getattr(row, name) for name in ("uid", "number", "state", "stage", "cell")}
    answer = {**told, "step": position, "seen": position, "action": action}
    line = Line(position, action, row.state, row.state, answers, row.due_at, at)
    heard = Told(None, answer, row.cell or "", row.department)
    append(session, one_more(row.id), line, heard, actor=actor)
    return answer
