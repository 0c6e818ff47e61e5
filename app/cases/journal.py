"""The journal of a case (办理经过): each line is added once, with all who must hear of it.

``append`` is the only writer.  It tells photos, audit, outbox and a retry of the line in the same
transaction, and nothing here commits.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.kernel import attempts, audit, sql
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence

STEP = (
    sql.read(Path(__file__).parent, "step")
    .replace("/*noted*/", audit.NOTE)
    .replace("/*kept*/", attempts.KEEP)
)
SHOW = text(
    "INSERT INTO case_photos (case_id, position, photo_id)"
    " SELECT :case_id, :position, id FROM photos WHERE id = ANY(CAST(:photos AS uuid[]))"
    " RETURNING photo_id"
)
ONE_MORE = "UPDATE cases SET steps = steps + 1 WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the journal of a case."""

    case_id: int
    position: int
    action: str
    source: str
    target: str
    answers: Mapping[str, Any]
    due_at: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What goes out with a line: the answer (kept under ``key``), and who may hear of it."""

    key: UUID | None
    answer: Mapping[str, Any]
    area: str
    department: str | None


def append(
    session: Session,
    line: Line,
    told: Told,
    *,
    actor: Actor,
    photos: Iterable[str] | None = None,
) -> None:
    """Append ``line`` to the journal, and tell photos, audit, outbox and a retry of it."""
    sql.ask(
        session,
        STEP,
        {
            **audit.facts(actor, f"case.{line.action}", str(line.case_id)),
            **attempts.kept(actor, told.key, told.answer),
            "case_id": line.case_id,
            "position": line.position,
            "taken": line.action,
            "source": line.source,
            "target": line.target,
            "post": actor.post,
            "department": actor.department,
            "answers": json.dumps(dict(line.answers), ensure_ascii=False),
            "due_at": line.due_at,
            "at": line.at,
            "area": told.area,
            "held": told.department,
        },
    )
    _show(session, line, list(line.answers.get("photos", ()) if photos is None else photos))


def _show(session: Session, line: Line, photos: list[str]) -> None:
    """Tie ``photos`` to the step, or raise ``Refused`` if one was never stored."""
    if not photos:
        return
    for photo in photos:
        try:
            UUID(photo)
        except ValueError:
            raise _no_photo(photo) from None
    binds = {"case_id": line.case_id, "position": line.position, "photos": photos}
    shown = {str(row.photo_id) for row in session.execute(SHOW, binds)}
    if missing := [photo for photo in photos if photo not in shown]:
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
    key: UUID | None = None,
) -> dict[str, Any]:
    """Add a line about the case in ``row`` that leaves it where it is, and return the answer.

    The caller holds the row.  What such a line tells of is a record of its own, beside the case.
    """
    position = row.steps + 1
    told = {name: getattr(row, name) for name in ("uid", "number", "state", "stage", "cell")}
    answer = {**told, "step": position, "seen": position, "action": action}
    line = Line(row.id, position, action, row.state, row.state, answers, row.due_at, at)
    sql.ask(session, ONE_MORE, {"id": row.id})
    append(session, line, Told(key, answer, row.cell or "", row.department), actor=actor)
    return answer
