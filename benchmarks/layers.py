"""Layers under measurement: tiles of cells with base map, pages for other programs, imports."""

import math
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import create_app, jobs
from app.kernel import queue, uploads
from app.kernel.auth import Actor
from app.kernel.clock import now
from app.kernel.http import new_secret
from app.layers import service
from app.org import service as org
from benchmarks.databases import PROFILE, url_of
from config import Config

ROUNDS = 40
TILE_MS, PAGE_MS = 60.0, 200.0
"""What a tile of cells and base map at zoom 15, and a page of 1 000 features, may take."""
POINTS = 1_000_000
PERSON = text("SELECT id FROM people WHERE post = 'admin' ORDER BY id LIMIT 1")
MIDDLES = text(
    "SELECT ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT ST_Centroid(geom) AS p, code FROM cells"
    " WHERE ended_on IS NULL) c ORDER BY md5(code) LIMIT :n"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: the median and the slowest in ``unit``, and the limit of the median."""

    name: str
    median: float
    worst: float
    limit: float
    unit: str = "ms"

    @property
    def is_kept(self) -> bool:
        """Say whether the limit is kept."""
        return self.median <= self.limit


def figures(database: str, data: Path) -> list[Figure]:
    """Measure on ``database`` (a city with cells and an administrator) and return the figures."""
    with _house(database, data) as (app, headers):
        client = app.test_client()

        def ask(path: str) -> None:
            answer = client.get(path, headers=headers)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")

        tiles = [_tile("base,cells", 15, *where) for where in _middles(app)]
        found = [_timed("tile of cells + base map at z15", ask, tiles, TILE_MS)]
        pages = [f"/ogc/collections/{name}/items?limit=1000" for name in ("cells", "parts")]
        found.append(_timed("OGC page of 1 000 features", ask, pages * 5, PAGE_MS))
        found += list(_million(app, data, ask))
    return found


@contextmanager
def _house(database: str, data: Path) -> Iterator[tuple[Flask, dict[str, str]]]:
    app = create_app(
        Config(
            database_url=url_of(database),
            bind="127.0.0.1:0",
            data=data,
            profile=PROFILE,
            cookie_secure=False,
            pool=4,
            log_level="WARNING",
        )
    )
    token = new_secret()
    with app.extensions["sessions"].begin() as session:
        person = session.execute(PERSON).scalar_one()
        org.open_session(session, person, token=token, csrf="x", at=now())
    yield app, {"Authorization": f"Bearer {token}"}
    app.extensions["engine"].dispose()


def _middles(app: Flask) -> list[tuple[float, float]]:
    with app.extensions["readers"]() as session:
        return [(row.lon, row.lat) for row in session.execute(MIDDLES, {"n": ROUNDS})]


def _tile(layers: str, z: int, lon: float, lat: float) -> str:
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"/tiles/{layers}/{z}/{int((lon + 180) / 360 * n)}/{int(y * n)}.mvt"


def _timed(name: str, ask: Callable[[str], None], paths: list[str], limit: float) -> Figure:
    ask(paths[0])
    taken = []
    for path in paths:
        begun = time.perf_counter()
        ask(path)
        taken.append((time.perf_counter() - begun) * 1_000)
    return Figure(name, round(statistics.median(taken), 1), round(max(taken), 1), limit)


def _million(app: Flask, data: Path, ask: Callable[[str], None]) -> Iterator[Figure]:
    """Import a million points as a layer: how long, how much memory, how fast its tile is."""
    sessions, name = app.extensions["sessions"], f"bench_{uuid4().hex[:8]}"
    (lon, lat), *_ = _middles(app)
    file = data / "million.csv"
    with file.open("w") as stream:
        stream.write("kind,lon,lat\n")
        for n in range(POINTS):
            stream.write(f"k{n % 7},{lon + n % 1000 * 1e-5},{lat + n // 1000 * 1e-5}\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    with sessions.begin() as session:
        _import(session, app, file, name)
    while queue.run_one(sessions, jobs.handlers(sessions, app.config["SETTINGS"])):
        pass
    seconds = time.perf_counter() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    taken = round(seconds, 1)
    yield Figure("import 1 000 000 points as a layer", taken, taken, 180, "s")
    yield Figure("memory it takes beyond the start", round(grown), round(grown), 300, "MiB")
    with sessions.begin() as session:
        session.execute(PUBLISH, {"name": name})
    yield _timed("tile of a million points", ask, [_tile(name, 15, lon, lat)] * 5, 300.0)


PUBLISH = text(
    "UPDATE layers SET version_id = (SELECT max(v.id) FROM layer_versions v"
    " WHERE v.layer_id = layers.id) WHERE name = :name"
)


def _import(session: Session, app: Flask, file: Path, name: str) -> None:
    """Enter a layer and ask for ``file`` to be imported into it."""
    person = session.execute(PERSON).scalar_one()
    actor = Actor(person, "admin", frozenset({"layer.edit", "data.import"}))
    with file.open("rb") as stream:
        upload = uploads.store(app.config["DATA"], file.name, stream, length=None)
    uploads.keep(session, upload, actor)
    with app.test_request_context():
        service.create(session, actor, {"name": name, "title": name})
        service.import_version(session, actor, name, {"upload": str(upload.id)})
