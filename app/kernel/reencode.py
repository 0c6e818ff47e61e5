"""Child process: read a picture from standard input, write clean JPEGs, print what it was.

Run as ``python -I reencode.py FOLDER``.  Exit codes: 0 done, 2 not a picture,
3 too many pixels.  It may use 512 MiB and 10 s of processor time, no more.
"""

import io
import json
import math
import resource
import sys
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageOps

LARGEST = 40_000_000
EDGE, THUMB = 2_560, 320
SIDE, FLAT = 32, 12
"""Grey points a side that looks are compared at; how many shades a picture must at least have."""
WAVES = [[math.cos((2 * x + 1) * u * math.pi / (2 * SIDE)) for x in range(SIDE)] for u in range(11)]
LOWEST = sorted(
    ((u, v) for u in range(11) for v in range(11) if u + v), key=lambda f: (f[0] + f[1], f)
)[:64]
GPS, EXIF, TAKEN = 0x8825, 0x8769, 0x9003


def degrees(parts: object, sign: str, negative: str) -> float | None:
    """Return degrees from an EXIF triple, None when it makes no sense."""
    try:
        d, m, s = (float(p) for p in parts)  # type: ignore[attr-defined]
        value = d + m / 60 + s / 3600
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (-value if sign == negative else value) if 0 <= value <= 180 else None


def seen(image: Image.Image) -> dict[str, object]:
    """Return size, time and place as the camera recorded them; nonsense counts as absent."""
    found: dict[str, object] = {"taken_at": None, "lon": None, "lat": None}
    try:
        exif = image.getexif()
        gps, inner = exif.get_ifd(GPS), exif.get_ifd(EXIF)
        lon = degrees(gps.get(4), str(gps.get(3)), "W")
        lat = degrees(gps.get(2), str(gps.get(1)), "S")
        if lon is not None and lat is not None and abs(lat) <= 90:
            found |= {"lon": lon, "lat": lat}
        taken = datetime.strptime(str(inner.get(TAKEN))[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
        found["taken_at"] = taken.isoformat()
    except (ValueError, TypeError, KeyError, AttributeError, OSError, SyntaxError):
        pass
    return found


def _signed(bits: list[bool]) -> int:
    """Return 64 bits as the database's whole number of that size; the first bit is the highest."""
    value = sum(1 << (63 - n) for n, bit in enumerate(bits) if bit)
    return value - (1 << 64) if value >> 63 else value


def look(image: Image.Image) -> int | None:
    """Return 64 bits of how a picture looks from afar, None where it shows nothing at all.

    The signs, against their median, of the 64 lowest frequencies of its cosine transform at
    32 × 32 grey points (a pHash): sizes, recompression and brightness leave them nearly alone.
    Pure Python, because a numeric library would not fit into this child's memory.
    """
    grey = list(image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS).tobytes())
    if max(grey) - min(grey) < FLAT:
        return None
    rows = [grey[n : n + SIDE] for n in range(0, SIDE * SIDE, SIDE)]
    across = [[sum(map(float.__mul__, map(float, row), wave)) for wave in WAVES] for row in rows]
    found = [sum(across[y][u] * WAVES[v][y] for y in range(SIDE)) for u, v in LOWEST]
    middle = sorted(found)[32]
    return _signed([value >= middle for value in found])


def edges(image: Image.Image) -> int:
    """Return in 64 bits where a picture grows darker from left to right at 9 × 8 points (dHash)."""
    grey = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    return _signed([grey[y * 9 + x] > grey[y * 9 + x + 1] for y in range(8) for x in range(8)])


def main(folder: Path) -> int:
    """Write ``full.jpg`` and ``thumb.jpg`` into ``folder`` and return the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20))
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
    Image.MAX_IMAGE_PIXELS = LARGEST
    try:
        image = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG", "WEBP"))
        if image.width * image.height > LARGEST:
            return 3
        facts = seen(image)
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except (Image.DecompressionBombError, MemoryError):
        return 3
    except Exception:
        return 2
    upright.thumbnail((EDGE, EDGE))
    upright.save(folder / "full.jpg", quality=85, optimize=True)
    facts |= {"width": upright.width, "height": upright.height}
    facts |= {"look": look(upright), "edges": edges(upright)}
    upright.thumbnail((THUMB, THUMB))
    upright.save(folder / "thumb.jpg", quality=80)
    print(json.dumps(facts))  # noqa: T201 - the parent reads it
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
