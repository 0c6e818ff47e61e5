"""Reading people, sessions and departments."""

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.auth import NOBODY, Actor

WHO = (
    "SELECT p.id, p.post, p.department, p.area, p.name, p.username, p.locale, p.theme,"
    " s.id AS session_id, s.csrf, s.seen_at < now() - interval '1 minute' AS stale,"
    " ARRAY(SELECT permission FROM post_permissions WHERE post = p.post) AS permissions,"
    " ARRAY(SELECT member FROM zone_members WHERE zone = p.area ORDER BY member) AS members,"
    " (SELECT n FROM versions WHERE name = 'catalogue') AS handbook"
    " FROM sign_ins s JOIN people p ON p.id = s.person_id"
    " WHERE s.token_hash = :hash AND s.expires_at > now()"
    "   AND s.seen_at > now() - make_interval(secs => :idle) AND p.active"
)
TOUCH = text("UPDATE sign_ins SET seen_at = now() WHERE id = :id")


def holder(session: Session, token_hash: bytes, idle_seconds: float) -> Actor:
    """Return who holds the session of ``token_hash``, ``NOBODY`` if it is over or unknown."""
    row = sql.ask(session, WHO, {"hash": token_hash, "idle": idle_seconds}).first()
    if row is None:
        return NOBODY
    if row.stale:
        session.execute(TOUCH, {"id": row.session_id})
    return Actor(
        person_id=row.id,
        post=row.post,
        permissions=frozenset(row.permissions),
        department=row.department,
        area=row.area,
        name=row.name,
        username=row.username,
        session_id=row.session_id,
        csrf=row.csrf,
        locale=row.locale,
        theme=row.theme,
        handbook=row.handbook,
        members=tuple(row.members),
    )


def departments(session: Session) -> dict[str, str]:
    """Return the name of every department that handles cases, by code, in listing order."""
    rows = session.execute(
        text("SELECT code, name FROM departments WHERE handles ORDER BY position, code")
    )
    return {row.code: row.name for row in rows}


def at_desks(session: Session) -> list[Row[Any]]:
    """Return id, name and post of everybody who works at a desk rather than in the field."""
    people = "SELECT id, name, post FROM people WHERE active AND post <> 'inspector'"
    return list(session.execute(text(f"{people} ORDER BY post, name, id")))


def names(session: Session, people: set[int]) -> dict[int, str]:
    """Return the names of ``people`` by id."""
    rows = session.execute(
        text("SELECT id, name FROM people WHERE id = ANY(:ids)"), {"ids": sorted(people)}
    )
    return {row.id: row.name for row in rows}
