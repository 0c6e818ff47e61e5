"""Photos of cases: taking them in, and showing them to who may see the case."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases.tasks.queries import scope
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, sentence
from app.kernel.files import Stored, path_of
from app.kernel.scopes import visible

KEEP = text(
    "INSERT INTO photos"
    " (sha256, original_sha256, bytes, width, height, taken_at, place, uploader_id, look, edges,"
    " device_place, device_accuracy_m)"
    " VALUES (:sha256, :original_sha256, :bytes, :width, :height, :taken_at,"
    " ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :uploader, :look, :edges,"
    " ST_SetSRID(ST_MakePoint(:device_lon, :device_lat), 4490), :device_accuracy_m)"
    " RETURNING id::text"
)


ANSWERED = "t.person_id = p.uploader_id AND t.answer -> 'photos' @> to_jsonb(p.id::text)"
"""A task whose answer shows photo ``p``; who took it narrows that to a few."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where a phone was when it sent a photo: degrees in EPSG:4490, metres; None if not told."""

    device_lon: float | None = None
    device_lat: float | None = None
    device_accuracy_m: float | None = None


def keep(
    session: Session, stored: Stored, *, actor: Actor, device: Device = Device()
) -> dict[str, Any]:
    """Record a photo that already lies on disk and return how it may be named from now on."""
    facts = {name: getattr(stored, name) for name in Stored.__slots__}
    told = {name: getattr(device, name) for name in Device.__slots__}
    photo_id = session.execute(KEEP, {**facts, **told, "uploader": actor.person_id}).scalar_one()
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
    """Return the file of a photo that ``actor`` took or whose case or task ``actor`` may see."""
    clauses, binds = visible(actor)
    seen = " AND ".join(["f.photo_id = p.id", *clauses])
    tasks, mine = scope(actor, mine=False)
    answered = " AND ".join([ANSWERED, *tasks])
    name = session.execute(
        text(
            "SELECT p.sha256 FROM photos p WHERE p.id = :photo AND (p.uploader_id = :me OR EXISTS ("  # noqa: S608
            f" SELECT FROM case_photos f JOIN cases c ON c.id = f.case_id WHERE {seen})"
            f" OR EXISTS (SELECT FROM tasks t WHERE {answered}))"
        ),
        {"photo": photo_id, "me": actor.person_id, **binds, **mine},
    ).scalar_one_or_none()
    if name is None:
        raise NotFound(sentence("There is no such photo, or it is not yours to see."))
    return path_of(root, name, thumb=thumb)
