"""Files that people send to be imported: kept outside the web root until the import is done."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, Refused, TooLarge, Unavailable, sentence

MOST_BYTES = 512 * 1024 * 1024
CHUNK = 256 * 1024
KEPT = timedelta(days=7)
ROOM = 1.25
"""Free disk that must be left, as a multiple of what comes in."""
ENDINGS = (
    ".csv", ".txt", ".xlsx", ".parquet", ".geojson", ".json", ".gpkg", ".zip", ".shp.zip", ".kml",
    ".gml", ".fgb", ".osm", ".osm.pbf", ".pbf", ".osm.xml", ".xml", ".toml", ".gpx",
)  # fmt: skip
PACKED = (".gz", ".xz")
KEEP = text(
    "INSERT INTO uploads (id, name, bytes, sha256, uploader_id)"
    " VALUES (:id, :name, :bytes, :sha256, :who)"
)
FIND = text("SELECT id, name, bytes, sha256 FROM uploads WHERE id = :id")
OLD = text("DELETE FROM uploads WHERE at < :before RETURNING id")


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file and where it lies."""

    id: UUID
    name: str
    bytes: int
    sha256: str
    path: Path

    def public(self) -> dict[str, Any]:
        """Return what callers may know."""
        return {
            "id": str(self.id),
            "name": self.name,
            "bytes": self.bytes,
            "sha256": self.sha256,
        }


def safe_name(given: str) -> str:
    """Return the bare name of a file, or raise ``Refused`` if no such file can be read here.

    >>> safe_name("../data/路灯 2026.csv.gz")
    '路灯 2026.csv.gz'
    """
    name = re.split(r"[/\\]", given)[-1].strip(" .")
    name = re.sub(r"[\x00-\x1f\x7f<>:\"|?*]", "_", name)[-120:]
    bare = name.lower()
    for packed in PACKED:
        bare = bare.removesuffix(packed)
    if not name or not bare.endswith(ENDINGS):
        raise Refused(
            sentence("“%(name)s” is no file that can be imported. Known are: %(known)s."),
            name=name or given[:40],
            known=" ".join(ENDINGS),
        ).about("name")
    return name


def store(root: Path, name: str, stream: BinaryIO, *, length: int | None) -> Upload:
    """Write ``stream`` to disk, synced, and return what came; nothing stays if it is too large.

    ``length`` is what the sender announced, None if nothing; the caller commits the row after.
    """
    name = safe_name(name)
    _check_room(root, length)
    number = uuid4()
    folder = root / "uploads" / str(number)
    folder.mkdir(mode=0o700, parents=True)
    path = folder / name
    try:
        digest, size = _write(path, stream)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Upload(number, name, size, digest, path)


def _check_room(root: Path, length: int | None) -> None:
    if length is not None and length > MOST_BYTES:
        raise _too_large()
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free < ROOM * (length or MOST_BYTES):
        raise Unavailable(sentence("The disk is full. Nothing was stored; call the operator."))


def _too_large() -> TooLarge:
    return TooLarge(
        sentence("The file is larger than %(most)s MB. Split it, or pack it as .gz."),
        most=MOST_BYTES // 1_048_576,
    )


def _write(path: Path, stream: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for chunk in _chunks(stream):
            size += len(chunk)
            if size > MOST_BYTES:
                raise _too_large()
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise Refused(sentence("The file is empty.")).about("name")
    return digest.hexdigest(), size


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def keep(session: Session, upload: Upload, actor: Actor) -> None:
    """Remember a stored file."""
    session.execute(
        KEEP,
        {
            "id": upload.id,
            "name": upload.name,
            "bytes": upload.bytes,
            "sha256": upload.sha256,
            "who": actor.person_id,
        },
    )


def find(session: Session, root: Path, upload: UUID | str | None) -> Upload:
    """Return the stored file ``upload``, or raise ``NotFound``."""
    row = session.execute(FIND, {"id": upload}).first() if upload else None
    path = root / "uploads" / str(row.id) / row.name if row else None
    if row is None or path is None or not path.is_file():
        raise NotFound(
            sentence("The uploaded file is gone: files are kept for a week. Send it again.")
        ).about("upload")
    return Upload(row.id, row.name, row.bytes, row.sha256, path)


def forget(root: Path, upload: UUID) -> None:
    """Remove a file that was stored but is not kept."""
    shutil.rmtree(root / "uploads" / str(upload), ignore_errors=True)


def sweep(session: Session, root: Path) -> int:
    """Forget files older than a week and return how many; also what has no row any more."""
    gone = session.scalars(OLD, {"before": clock.now() - KEPT}).all()
    for number in gone:
        forget(root, number)
    return len(gone)
