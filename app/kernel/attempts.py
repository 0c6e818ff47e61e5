"""Sending twice does once: the first answer is kept and given again.

The row is inserted first, inside the business transaction, so a second sender
of the same key waits on it and then reads the first one's answer; the answer is
added by the statement that writes the journal.
"""

import hashlib
import json
from collections.abc import Mapping
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
    " WHERE actor_id = :actor AND key = CAST(:key AS uuid)"
)
FORMER = "SELECT fingerprint, answer FROM attempts WHERE actor_id = :actor AND key = :key"


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
    found = sql.ask(session, FORMER, mine).one()
    if bytes(found.fingerprint) != mark:
        raise Refused(sentence("This Idempotency-Key was already used for another request."))
    answer: dict[str, Any] = found.answer
    return answer


def kept(actor: Actor, key: UUID | None, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``KEEP`` stores, for statements that it is a part of; no key keeps nothing."""
    told = json.dumps(answer, ensure_ascii=False, default=str)
    return {"actor": actor.person_id, "key": key and str(key), "answer": told}


def keep(
    session: Session, actor: Actor, key: UUID | None, answer: dict[str, Any]
) -> dict[str, Any]:
    """Keep ``answer`` as what ``key`` gives from now on, and return it."""
    sql.ask(session, KEEP, kept(actor, key, answer))
    return answer
