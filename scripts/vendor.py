"""The front-end libraries: copied from node_modules to app/static/vendor, checked by digest."""

import hashlib
import shutil
from pathlib import Path

FOLDER = Path("app/static/vendor")
LOCK = "package-lock.json"
LIBRARIES: dict[str, tuple[str, ...]] = {
    "bootstrap": ("dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js"),
    "echarts": ("dist/echarts.esm.min.mjs",),
    "htmx.org": ("dist/htmx.min.js",),
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css"),
    # The worker is looked for beside the module that starts it.
    "maplibre-gl": (
        "dist/maplibre-gl.mjs",
        "dist/maplibre-gl-worker.mjs",
        "dist/maplibre-gl.css",
    ),
    "socket.io-client": ("dist/socket.io.esm.min.js",),
}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_current(root: Path) -> bool:
    """Say whether every vendored file is whole and of the present lock, as MANIFEST has it."""
    folder = root / FOLDER
    try:
        lines = (folder / "MANIFEST").read_text().splitlines()
        sums = [line.split("  ", 1) for line in lines]
        return {name for _, name in sums} == set(_names(root)) and all(
            digest(folder / name) == said for said, name in sums
        )
    except (FileNotFoundError, ValueError):
        return False


def copy(root: Path) -> None:
    """Copy every library anew and write MANIFEST, which ``sha256sum -c`` understands."""
    folder = root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    for library, paths in LIBRARIES.items():
        (folder / library).mkdir(parents=True)
        for path in paths:
            shutil.copyfile(
                root / "node_modules" / library / path, folder / library / Path(path).name
            )
    lines = [f"{digest(folder / name)}  {name}\n" for name in _names(root)]
    (folder / "MANIFEST").write_text("".join(lines))


def _names(root: Path) -> list[str]:
    """Return the names MANIFEST lists, beside its own folder: each file, and the lock itself."""
    up = "/".join([".."] * len(FOLDER.parts))
    copied = [f"{name}/{Path(path).name}" for name, paths in LIBRARIES.items() for path in paths]
    return [f"{up}/{LOCK}", *copied]
