"""Signing in and out."""

import hashlib
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit
from app.kernel.auth import NOBODY, Actor
from app.kernel.errors import NotSignedIn, TooMany, sentence
from app.org import rules
from app.org.queries import holder

HASHER = PasswordHasher()
WRONG = sentence("The user name or the password is wrong.")


@cache
def _decoy() -> str:
    """Return a hash to hold a password against where there is none: that takes as long."""
    return HASHER.hash("no such person, but it takes as long to say so")


def token_hash(token: str) -> bytes:
    """Return what the database keeps of a session token."""
    return hashlib.sha256(token.encode()).digest()


def identify(session: Session, token: str) -> Actor:
    """Return who holds ``token``, ``NOBODY`` when it is empty, unknown or over."""
    return holder(session, token_hash(token), rules.IDLE.total_seconds()) if token else NOBODY


def matches(stored: str | None, password: str) -> bool:
    """Say whether ``password`` is the one behind ``stored``; slow on purpose (Argon2id)."""
    try:
        return HASHER.verify(stored or _decoy(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def credentials(session: Session, username: str, at: datetime) -> tuple[int | None, str | None]:
    """Return the id and the password hash behind ``username``; a locked account raises."""
    row = session.execute(
        text("SELECT id, password_hash, locked_until FROM people WHERE username = :u AND active"),
        {"u": username},
    ).first()
    if row and row.locked_until and row.locked_until > at:
        minutes = int((row.locked_until - at).total_seconds() // 60) + 1
        raise TooMany(
            sentence("Too many wrong passwords. Try again in %(minutes)s minutes."),
            minutes=minutes,
            wait=minutes * 60,
        )
    return (row.id, row.password_hash) if row else (None, None)


def count_failure(session: Session, person_id: int | None, username: str, at: datetime) -> None:
    """Record a wrong password; the fifth in a row locks the account for half an hour."""
    audit.note(session, NOBODY, "sign_in", username, result="wrong password")
    session.execute(
        text(
            "UPDATE people SET failures = (failures + 1) % :tries,"
            " locked_until = CASE WHEN failures + 1 >= :tries THEN :until END WHERE id = :id"
        ),
        {"id": person_id, "tries": rules.TRIES, "until": at + rules.LOCK},
    )


def open_session(session: Session, person_id: int, *, token: str, csrf: str, at: datetime) -> Actor:
    """Begin a session for ``person_id`` under ``token`` and return its holder."""
    session.execute(
        text("UPDATE people SET failures = 0, locked_until = NULL WHERE id = :id"),
        {"id": person_id},
    )
    session.execute(
        text(
            "INSERT INTO sign_ins (token_hash, person_id, csrf, expires_at)"
            " VALUES (:hash, :person, :csrf, :expires)"
        ),
        {
            "hash": token_hash(token),
            "person": person_id,
            "csrf": csrf,
            "expires": at + rules.LIFE,
        },
    )
    found = identify(session, token)
    audit.note(session, found, "sign_in", found.username)
    return found


def end_session(session: Session, actor: Actor) -> None:
    """Close the session ``actor`` came with; its token is worth nothing from now on."""
    session.execute(text("DELETE FROM sign_ins WHERE id = :id"), {"id": actor.session_id})
    audit.note(session, actor, "sign_out", actor.username)


def prefer(session: Session, actor: Actor, *, locale: str, theme: str) -> None:
    """Remember the language and the theme that ``actor`` likes."""
    session.execute(
        text("UPDATE people SET locale = :locale, theme = :theme WHERE id = :id"),
        {"id": actor.person_id, "locale": locale, "theme": theme},
    )


def sweep(session: Session) -> None:
    """Forget sessions that are over."""
    session.execute(text("DELETE FROM sign_ins WHERE expires_at < now()"))


def refuse_wrong() -> NotSignedIn:
    """Return the one answer to every wrong pair, whichever half was wrong."""
    return NotSignedIn(WRONG)
