"""Photos of cases: taking them in, and showing them to who may see the case."""

from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, sentence
from app.kernel.files import Stored, path_of
from app.kernel.scopes import visible

KEEP = text(
    "INSERT INTO photos"
    " (sha256, original_sha256, bytes, width, height, taken_at, place, uploader_id)"
    " VALUES (:sha256, :original_sha256, :bytes, :width, :height, :taken_at,"
    " ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :uploader) RETURNING id::text"
)


def keep(session: Session, stored: Stored, *, actor: Actor) -> dict[str, Any]:
    """Record a photo that already lies on disk and return how it may be named from now on."""
    facts = {name: getattr(stored, name) for name in Stored.__slots__}
    photo_id = session.execute(KEEP, {**facts, "uploader": actor.person_id}).scalar_one()
    audit.note(session, actor, "photo.add", photo_id)
    return {
        "id": photo_id,
        "sha256": stored.sha256,
        "taken_at": stored.taken_at.isoformat() if stored.taken_at else None,
        "lon": stored.lon,
        "lat": stored.lat,
        "width": stored.width,
        "height": stored.height,
    }


def find(session: Session, photo_id: UUID, actor: Actor, root: Path, *, thumb: bool) -> Path:
    """Return the file of a photo that ``actor`` took or whose case ``actor`` may see."""
    clauses, binds = visible(actor)
    seen = " AND ".join(["f.photo_id = p.id", *clauses])
    name = session.execute(
        text(
            "SELECT p.sha256 FROM photos p WHERE p.id = :photo AND (p.uploader_id = :me OR EXISTS ("  # noqa: S608
            f" SELECT FROM case_photos f JOIN cases c ON c.id = f.case_id WHERE {seen}))"
        ),
        {"photo": photo_id, "me": actor.person_id, **binds},
    ).scalar_one_or_none()
    if name is None:
        raise NotFound(sentence("There is no such photo, or it is not yours to see."))
    return path_of(root, name, thumb=thumb)
