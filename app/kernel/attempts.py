"""Sending twice does once: the first answer is kept and given again.

The row is inserted first, inside the business transaction, so a second sender
of the same key waits on it and then reads the first one's answer.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
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
KEEP = (
    "UPDATE attempts SET status = 201, answer = CAST(:answer AS jsonb)"
    " WHERE actor_id = :actor AND key = :key"
)
FORMER = "SELECT fingerprint, answer FROM attempts WHERE actor_id = :actor AND key = :key"


def fingerprint(path: str, body: Mapping[str, Any]) -> bytes:
    """Return what tells one request from another: its address and its body, whatever the order."""
    plain = json.dumps(body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{path}\n{plain}".encode()).digest()


def once(
    session: Session,
    actor: Actor,
    key: UUID | None,
    mark: bytes,
    do: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Return the answer of ``do``, or the one it gave when ``key`` was first used.

    Raises ``Refused`` when the key was used for another request.  Without a key
    there is nothing to recognise a repetition by, and ``do`` simply runs.
    """
    if key is None:
        return do()
    mine = {"actor": actor.person_id, "key": str(key)}
    if sql.ask(session, CLAIM, {**mine, "mark": mark}).first() is None:
        return _again(session, mine, mark)
    answer = do()
    kept = json.dumps(answer, ensure_ascii=False, default=str)
    sql.ask(session, KEEP, {**mine, "answer": kept})
    return answer


def _again(session: Session, mine: dict[str, Any], mark: bytes) -> dict[str, Any]:
    former = sql.ask(session, FORMER, mine).one()
    if bytes(former.fingerprint) != mark:
        raise Refused(sentence("This Idempotency-Key was already used for another request."))
    answer: dict[str, Any] = former.answer
    return answer
