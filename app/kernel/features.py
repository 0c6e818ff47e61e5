"""Features in JSON that is not quite GeoJSON: a bare array of them, or a member ``features``.

GDAL refuses such a file as a whole.  It is rewritten as one feature a line, an element at a time,
so that memory holds one of them however long the array is.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from app.kernel.errors import Refused, sentence

CHUNK, MOST = 1_000_000, 4_000_000
"""Characters that are read at once, and that one element may have."""
SIMPLE = rb'(?:"[^"\\]*"|-?[\d.eE+-]+|null|true|false)'
BEGINS = re.compile(
    rb'\[|\{(?:\s*"(?!type")\w+"\s*:\s*' + SIMPLE + rb'\s*,)*\s*"features"\s*:\s*\['
)
BETWEEN = re.compile(r"[\s,]*")
FRAME = frozenset({"type", "geometry", "id", "bbox", "properties"})
TOO_LARGE = sentence("“%(file)s” holds a shape too large to be opened. Simplify it.")
TORN = sentence("“%(file)s” is no JSON from row %(row)s on. Export it again.")


def skipped(head: str | bytes) -> int | None:
    """Return where the elements of an array begin in ``head``, None if it begins with none.

    >>> skipped(b'[{"geometry": 1}]'), skipped('{"name": "a", "features": ['), skipped('{"type": 1')
    (1, 27, None)
    """
    found = BEGINS.match(head.encode("utf-8", "replace") if isinstance(head, str) else head)
    return found.end() if found else None


@contextmanager
def as_lines(stream: TextIO, name: str) -> Iterator[Path]:
    """Yield a file of one GeoJSON feature a line for as long as the block lasts.

    Raises ``Refused`` for what is torn or holds an element that is too large.
    """
    with TemporaryDirectory(prefix="features-") as folder:
        path = Path(folder) / "features.geojsonl"
        with path.open("w", encoding="utf-8") as lines:
            for one in _elements(stream, name):
                lines.write(json.dumps(_feature(one)) + "\n")
        yield path


def _elements(stream: TextIO, name: str) -> Iterator[Any]:
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    buffer = stream.read(CHUNK).lstrip("\ufeff \t\r\n")
    at, row = skipped(buffer[:4_096]) or 0, 1
    while True:
        at = _past(buffer, at)
        if buffer[at : at + 1] == "]":
            return
        try:
            value, end = decoder.raw_decode(buffer, at)
        except (json.JSONDecodeError, RecursionError):
            value, end = None, len(buffer)
        if end < len(buffer):
            yield value
            at, row = end, row + 1
            continue
        more = stream.read(CHUNK)
        if not more or len(buffer) - at > MOST:
            raise Refused(TOO_LARGE if more else TORN, file=name, row=row)
        buffer, at = buffer[at:] + more, 0


def _past(buffer: str, at: int) -> int:
    found = BETWEEN.match(buffer, at)
    return found.end() if found else at


def _feature(one: Any) -> dict[str, Any]:
    """Return an element as a feature; what stands beside its geometry are its properties."""
    members = one if isinstance(one, dict) else {}
    told, geometry = members.get("properties"), members.get("geometry")
    if not isinstance(told, dict):
        told = {key: value for key, value in members.items() if key not in FRAME}
    shape = geometry if isinstance(geometry, dict) else None
    return {"type": "Feature", "properties": told, "geometry": shape}
