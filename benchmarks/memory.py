"""What each import takes in memory: a fresh worker (or command) each, its own peak RSS.

``python -m benchmarks.memory`` makes a database and files, brings each in by a worker process of
its own, and prints a table: rows read, seconds, MiB at rest and at most (``VmHWM``).
"""

import csv
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xlsxwriter
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import migrations, queue, uploads
from app.kernel.auth import Actor
from benchmarks.databases import PREFIX, PROFILE, ROOT, create, drop, engine_of, url_of
from benchmarks.imports import SHARED
from seed_data.standard.load import load

LIMIT = 300
BASEMAP = SHARED / "basemap"
SURVEY = {"roads": "road", "buildings": "building", "water": "water", "landuse": "green",
          "pois": "poi", "places": "place"}  # fmt: skip
DOORS = {"street": "street", "number": "number", "lon": "lon", "lat": "lat"}
ENDED = text("SELECT ended, coalesce(result, '{}') AS result, error FROM jobs WHERE id = :id")
Upload = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Measured:
    """How an import ended, its rows, seconds, and MiB of its process at rest and at most."""

    name: str
    ended: str
    rows: int
    seconds: float
    rest: int
    peak: int

    def __str__(self) -> str:
        """Return a line of the table in Markdown."""
        state = self.ended if self.ended != "done" else "holds" if self.peak <= LIMIT else "over"
        cells = f"{self.rows:,} | {self.seconds:.0f} s | {self.rest} | {self.peak} | {state}"
        return f"| {self.name} | {cells} |"


def points(folder: Path) -> Path:
    """Write a layer of a million points with two attributes, as CSV."""
    path = folder / "points.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["lon", "lat", "name", "height"])
        for n in range(1_000_000):
            lon, lat = 118 + n % 1_000 / 10_000, 36 + n // 1_000 / 10_000
            writer.writerow([f"{lon:.7f}", f"{lat:.7f}", f"点{n}", n % 97])
    return path


def workbook(folder: Path) -> Path:
    """Write 50 000 parts as XLSX."""
    path = folder / "parts.xlsx"
    with xlsxwriter.Workbook(path.as_posix(), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["lon", "lat", "编号", "名称"])
        for n in range(50_000):
            row = [118.2 + n % 250 / 20_000, 36.6 + n // 250 / 20_000, f"T-{n}", "行道树"]
            sheet.write_row(n + 1, 0, row)
    return path


def doors(folder: Path) -> Path:
    """Write 110 000 doors on 2 200 streets, the size of a district of Los Angeles, as CSV.gz."""
    path = folder / "doors.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(DOORS)
        for n in range(110_000):
            street, door = divmod(n, 50)
            lon, lat = -118.4 + door * 0.0003, 34 + street * 0.0002
            writer.writerow([f"STREET {street} AVE", 100 + 2 * door, f"{lon:.6f}", f"{lat:.6f}"])
    return path


def polygons(folder: Path) -> Path:
    """Write 400 areas of 10 000 vertices each, as GeoJSON: few rows, much of each."""
    path = folder / "fine.geojson"
    turn = np.linspace(0, 2 * np.pi, 10_000)
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type": "FeatureCollection", "features": [\n')
        for n in range(400):
            x, y = 118 + n % 50 / 100, 36 + n // 50 / 100
            ring = np.column_stack([x + np.cos(turn) / 300, y + np.sin(turn) / 300]).round(6)
            ring[-1] = ring[0]
            shape = {"type": "Polygon", "coordinates": [ring.tolist()]}
            feature = {"type": "Feature", "properties": {"n": n}, "geometry": shape}
            stream.write(json.dumps(feature) + (",\n" if n < 399 else "\n]}"))
    return path


def base(upload: Upload, *sheets: tuple[Path, str]) -> tuple[str, dict[str, Any]]:
    """Return the job that imports ``sheets`` (a file and what it holds) as base map."""
    told = [{"upload": upload(path), "holds": holds} for path, holds in sheets]
    return "import_base", {"told": {"source": sheets[0][0].name, "sheets": told}}


def layer(upload: Upload, path: Path) -> tuple[str, dict[str, Any]]:
    """Return the job that imports ``path`` as a layer."""
    return "import_layer", {"upload": upload(path), "layer": "measured"}


def jobs(folder: Path) -> dict[str, Callable[[Upload], tuple[str, dict[str, Any]]]]:
    """Return each import that a worker does, by its name: given an upload, the job."""
    surveys = [(BASEMAP / f"shanghai_lujiazui_{n}.geojson.gz", h) for n, h in SURVEY.items()]
    streets = SHARED / "boundaries" / "beijing_streets_331.geojson.gz"
    tree = SHARED / "admin" / "china_5level_2020.csv.xz"
    area = {"level": "street", "coord_sys": None}
    address = {"holds": "doors", "mapping": {}, "coord_sys": None}
    return {
        "OSM pbf (Helsinki)": lambda up: base(up, (BASEMAP / "helsinki_core.osm.pbf", "osm")),
        "base map survey files (Lujiazui)": lambda up: base(up, *surveys),
        "areas (331 streets)": lambda up: ("import_areas", {"upload": up(streets), **area}),
        "layer, 400 areas of 10 000 vertices": lambda up: layer(up, polygons(folder)),
        "layer, 1 000 000 points": lambda up: layer(up, points(folder)),
        "addresses (110 000 doors)": lambda up: (
            "import_addresses", {"upload": up(doors(folder)), **address}
        ),
        "divisions (679 640)": lambda up: ("import_divisions", {"upload": up(tree)}),
    }  # fmt: skip


def peak_mib(pid: int, field: str = "VmHWM") -> int:
    """Return the peak (or with ``VmRSS`` the present) resident memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) // 1024


def by_worker(
    name: str, sessions: sessionmaker[Session], database: str, data: Path, made: Any
) -> Measured:
    """Have a fresh worker do the job that ``made`` returns, and measure it."""
    upload = uploader(sessions, data)
    what, args = made(upload)
    with sessions.begin() as session:
        job = queue.defer(session, what, actor=_actor(session), title=name, **args)
    begun = time.monotonic()
    worker = flask(database, data, "worker")
    try:
        ended, result = _ended(sessions, job or 0, worker)
        rest, peak = peak_mib(worker.pid, "VmRSS"), peak_mib(worker.pid)
    finally:
        worker.terminate()
        worker.wait()
    return Measured(name, ended, result.get("read", 0), time.monotonic() - begun, rest, peak)


def _ended(
    sessions: sessionmaker[Session], job: int, worker: subprocess.Popen[bytes]
) -> tuple[str, dict[str, Any]]:
    """Wait for the end of ``job`` and return how it ended and its result."""
    while worker.poll() is None:
        time.sleep(0.5)
        with sessions.begin() as session:
            row = session.execute(ENDED, {"id": job}).one()
        if row.ended or row.error:
            return row.ended or str(row.error)[-300:], dict(row.result)
    raise RuntimeError("the worker ended before its job")


def uploader(sessions: sessionmaker[Session], data: Path) -> Upload:
    """Return what keeps a file as an upload and returns its id."""

    def upload(path: Path) -> str:
        with path.open("rb") as stream, sessions.begin() as session:
            kept = uploads.store(data, path.name, stream, length=None)
            uploads.keep(session, kept, _actor(session))
        return str(kept.id)

    return upload


def _actor(session: Session) -> Actor:
    found = session.execute(text("SELECT id FROM people WHERE post = 'admin' ORDER BY id")).scalar()
    return Actor(int(found or 0), "admin")


def by_command(name: str, database: str, data: Path, *words: str) -> Measured:
    """Run ``flask words…`` and measure its process."""
    begun = time.monotonic()
    process = flask(database, data, *words)
    _, status, used = os.wait4(process.pid, 0)
    output = process.stdout.read().decode() if process.stdout else ""
    rows = int(output.rpartition("read ")[2].split(",")[0]) if "read " in output else 0
    seconds = time.monotonic() - begun
    return Measured(name, "done" if not status else output[-300:], rows, seconds, 0,
                    used.ru_maxrss // 1024)  # fmt: skip


def flask(database: str, data: Path, *words: str) -> subprocess.Popen[bytes]:
    """Begin ``flask words…`` on ``database``."""
    environment = {**os.environ, "DATABASE_URL": url_of(database), "DATA": str(data)}
    return subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _measured(
    sessions: sessionmaker[Session], database: str, data: Path, wanted: str
) -> Iterator[Measured]:
    for name, made in jobs(data).items():
        if wanted in name:
            yield by_worker(name, sessions, database, data, made)
    trees = SHARED / "parts" / "la_trees_points.parquet"
    commands: dict[str, tuple[Callable[[], Path], tuple[str, ...]]] = {
        "xlsx, 50 000 parts, by command": (lambda: workbook(data), ("--kind", "0402")),
        "parquet, 887 002 parts, by command": (
            lambda: trees,
            ("--kind", "0402", "--coord-sys", "wgs84"),
        ),
    }
    for name, (made_file, words) in commands.items():
        if wanted in name:
            yield by_command(name, database, data, "import-parts", str(made_file()), *words)


def main(wanted: str) -> None:
    """Measure every import whose name holds ``wanted``."""
    database = create(f"{PREFIX}memory")
    engine = engine_of(database)
    migrations.upgrade(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        load(session, PROFILE)
        session.execute(text("INSERT INTO layers (name, title) VALUES ('measured', '量')"))
    with TemporaryDirectory() as folder:
        for line in _measured(sessions, database, Path(folder), wanted):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    engine.dispose()
    drop(database)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
