"""Photos on disk: re-encoded, stripped, named by their hash, outside the web root.

A stranger's bytes are decoded only by ``reencode.py`` in a child process with
little memory and time: a picture that is a bomb kills the child, not the server.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.kernel.clock import CITY_TIME
from app.kernel.errors import Refused, sentence

CHILD = Path(__file__).with_name("reencode.py")
MOST_BYTES = 12 * 1024 * 1024
NOT_A_PHOTO = sentence("This file is not a photo. Send a JPEG, PNG or WebP picture.")
TOO_BIG = sentence("This picture is too large to open. Send one of at most 40 megapixels.")


@dataclass(frozen=True, slots=True)
class Stored:
    """A photo as it lies on disk; ``lon``/``lat`` are the camera's, WGS-84 degrees.

    ``look`` and ``edges`` are 64 bits each by which pictures are compared (``reencode.py``).
    """

    sha256: str
    original_sha256: str
    bytes: int
    width: int
    height: int
    taken_at: datetime | None
    lon: float | None
    lat: float | None
    look: int | None = None
    edges: int | None = None


def path_of(root: Path, sha256: str, *, thumb: bool = False) -> Path:
    """Return where the picture named ``sha256`` lies below ``root``."""
    return root / sha256[:2] / sha256[2:4] / f"{sha256}{'.thumb' if thumb else ''}.jpg"


def store(root: Path, raw: bytes) -> Stored:
    """Re-encode ``raw`` to JPEG (≤ 2 560 px, thumbnail 320 px), keep it, and say what it was.

    The files are on disk, synced, before this returns: the caller commits after.
    Raises ``Refused`` for anything that is not an honest picture.
    """
    if not raw or len(raw) > MOST_BYTES:
        raise Refused(NOT_A_PHOTO if not raw else TOO_BIG).about("file")
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".in-") as folder:
        seen = _decode(raw, Path(folder))
        full, thumb = Path(folder, "full.jpg"), Path(folder, "thumb.jpg")
        name = hashlib.sha256(full.read_bytes()).hexdigest()
        size = full.stat().st_size
        _keep(thumb, path_of(root, name, thumb=True))
        _keep(full, path_of(root, name))
    taken = datetime.fromisoformat(seen["taken_at"]) if seen["taken_at"] else None
    return Stored(
        sha256=name,
        original_sha256=hashlib.sha256(raw).hexdigest(),
        bytes=size,
        width=seen["width"],
        height=seen["height"],
        taken_at=taken.replace(tzinfo=CITY_TIME) if taken else None,
        lon=seen["lon"],
        lat=seen["lat"],
        look=seen["look"],
        edges=seen["edges"],
    )


def _decode(raw: bytes, folder: Path) -> dict[str, Any]:
    """Run the child on ``raw`` and return what it saw, or raise why it would not."""
    try:
        done = subprocess.run(  # noqa: S603 - our own file, no shell, nothing of the caller's in it
            [sys.executable, "-I", str(CHILD), str(folder)],
            input=raw,
            capture_output=True,
            timeout=15,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(TOO_BIG).about("file") from None
    if done.returncode == 3:
        raise Refused(TOO_BIG).about("file")
    if done.returncode != 0:
        raise Refused(NOT_A_PHOTO).about("file")
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _keep(source: Path, target: Path) -> None:
    """Move ``source`` to ``target`` so that it is whole and on disk, or not there at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as handle:
        os.fsync(handle.fileno())
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
