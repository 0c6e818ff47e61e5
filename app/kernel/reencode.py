"""Child process: read a picture from standard input, write clean JPEGs, print what it was.

Run as ``python -I reencode.py FOLDER``.  Exit codes: 0 done, 2 not a picture,
3 too many pixels.  It may use 512 MiB and 10 s of processor time, no more.
"""

import io
import json
import resource
import sys
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageOps

LARGEST = 40_000_000
EDGE, THUMB = 2_560, 320
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
    upright.thumbnail((THUMB, THUMB))
    upright.save(folder / "thumb.jpg", quality=80)
    print(json.dumps(facts))  # noqa: T201 - the parent reads it
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
