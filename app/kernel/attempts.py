"""Sending twice does once: the first answer is kept and given again.

There are two ways, both inside the business transaction.  ``former`` claims the key before the
work, and ``keep`` adds the answer after it; a second sender waits at the claim.  Where the work
itself refuses to be done twice (a case is acted on as it was seen, a row has a key), the answer
is kept by the statement that does the work, and who is refused asks ``answered`` (ADR 0018).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.errors import Refused, sentence

CLAIM = (
    "INSERT INTO attempts (actor_id, key, fingerprint) VALUES (:actor, :key, :mark)"
    " ON CONFLICT DO NOTHING RETURNING key"
)
KEEP_OF_STEP = (
    "INSERT INTO attempts (actor_id, key, fingerprint, status, answer)"
    " SELECT CAST(:actor AS integer), CAST(:key AS uuid), CAST(:mark AS bytea), 201,"
    " CAST(:answer AS jsonb) FROM step WHERE CAST(:key AS uuid) IS NOT NULL"
)
"""For statements that have just made a row called ``step``: no step, no answer."""

KEEP = (
    "UPDATE attempts SET status = 201, answer = CAST(:answer AS jsonb)"
    " WHERE actor_id = :actor AND key = CAST(:key AS uuid)"
)
FORMER = "SELECT fingerprint, answer FROM attempts WHERE actor_id = :actor AND key = :key"


@dataclass(frozen=True, slots=True)
class Retry:
    """What a repetition is recognised by: the sender's key, and what the request asked for."""

    key: UUID | None
    mark: bytes


def fingerprint(path: str, body: Mapping[str, Any]) -> bytes:
    """Return what tells one request from another: its address and its body, whatever the order."""
    plain = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{path}\n{plain}".encode()).digest()


def former(session: Session, actor: Actor, key: UUID | None, mark: bytes) -> dict[str, Any] | None:
    """Return the answer that ``key`` was given before, or None and claim it for this transaction.

    A second sender of the same key waits here until the first has committed.  Whoever
    claims must keep the answer.  Raises ``Refused`` when the key was used for another
    request.  Without a key there is nothing to recognise a repetition by.
    """
    if key is None:
        return None
    mine = {"actor": actor.person_id, "key": str(key)}
    if sql.ask(session, CLAIM, {**mine, "mark": mark}).first() is not None:
        return None
    return answered(session, actor, Retry(key, mark))


def answered(session: Session, actor: Actor, retry: Retry) -> dict[str, Any] | None:
    """Return the answer that the key of ``retry`` was given, None if it was given none.

    Raises ``Refused`` when the key was used for another request.
    """
    mine = {"actor": actor.person_id, "key": retry.key}
    found = sql.ask(session, FORMER, mine).first() if retry.key else None
    if found is None:
        return None
    if bytes(found.fingerprint) != retry.mark:
        raise Refused(sentence("This Idempotency-Key was already used for another request."))
    answer: dict[str, Any] = found.answer
    return answer


def kept(actor: Actor, retry: Retry | None, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``KEEP_OF_STEP`` stores; without a key it stores nothing."""
    told = json.dumps(answer, ensure_ascii=False, default=str)
    key, mark = (retry.key, retry.mark) if retry else (None, None)
    return {"actor": actor.person_id, "key": key, "mark": mark, "answer": told}


def keep(
    session: Session, actor: Actor, key: UUID | None, answer: dict[str, Any]
) -> dict[str, Any]:
    """Keep ``answer`` as what ``key`` gives from now on, and return it."""
    told = json.dumps(answer, ensure_ascii=False, default=str)
    sql.ask(session, KEEP, {"actor": actor.person_id, "key": key, "answer": told})
    return answer
