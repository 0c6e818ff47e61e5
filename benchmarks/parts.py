"""The register of parts by the million: the nearest of a kind, and a workbook of 50 000 parts.

``python -m benchmarks.parts`` measures both and prints them; ``measure`` is for the whole bench.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.jobs import handlers
from app.kernel import queue, uploads
from app.kernel.auth import Actor
from app.parts import queries, staging
from benchmarks.databases import create, drop, engine_of, make_city, make_size, url_of
from config import Config

ROWS, PARTS, ASKED = 50_000, 1_000_000, 300
COLUMNS = ("ExtID", "Lon", "Lat", "ObjName", "ObjState", "ORDate", "species", "Note")
LIMITS = {"nearest p95 ms": 20.0, "workbook seconds": 60.0, "workbook MiB": 300.0}


def measure(city: str, full: str) -> dict[str, float]:
    """Return the figures on copies of ``city`` (empty of parts) and on ``full`` (a million)."""
    return {**nearest(full), **workbook(city)}


def nearest(name: str) -> dict[str, float]:
    """Return the 95th percentile, in milliseconds, of asking for the five nearest of a kind."""
    engine = engine_of(name)
    with Session(engine) as session:
        kinds = session.scalars(text("SELECT DISTINCT kind FROM parts LIMIT 20")).all()
        box = session.execute(
            text("SELECT ST_XMin(e) w, ST_YMin(e) s, ST_XMax(e) e, ST_YMax(e) n"
                 " FROM (SELECT ST_Extent(geom) e FROM cells) x")
        ).one()  # fmt: skip
        seed = random.Random(7)  # noqa: S311 - places to ask at
        taken = []
        for _ in range(ASKED):
            at = seed.uniform(box.w, box.e), seed.uniform(box.s, box.n)
            begun = time.perf_counter()
            queries.nearest(session, seed.choice(kinds), *at)
            taken.append(1_000 * (time.perf_counter() - begun))
    engine.dispose()
    return {"nearest p95 ms": round(sorted(taken)[int(0.95 * ASKED)], 2)}


def workbook(city: str) -> dict[str, float]:
    """Return what comparing and applying a workbook takes a process of its own."""
    name = create(f"{city}_workbook", template=city)
    try:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(  # noqa: S603 - our own words
                [sys.executable, "-m", "benchmarks.parts", name, folder],
                env=os.environ | {"DATABASE_URL": url_of(name)},
                capture_output=True,
                text=True,
                check=True,
            )
    finally:
        drop(name)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_workbook(path: Path, box: Mapping[str, float]) -> None:
    """Write a workbook of ``ROWS`` street trees spread over ``box`` (w, s, e, n)."""
    seed = random.Random(11)  # noqa: S311 - trees
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for column, head in enumerate(COLUMNS):
            sheet.write(0, column, head)
        for row in range(1, ROWS + 1):
            at = seed.uniform(box["w"], box["e"]), seed.uniform(box["s"], box["n"])
            told = (f"T-{row:06d}", *at, "行道树", "完好", "20200131", "国槐", f"第{row}株")
            for column, value in enumerate(told):
                sheet.write(row, column, value)


def _child(name: str, folder: Path) -> dict[str, float]:
    """Compare and apply the workbook here, as the worker does, and say what it took."""
    sessions: sessionmaker[Session] = sessionmaker(engine_of(name))
    settings = _settings(url_of(name), folder)
    with sessions() as session:
        extent = text("SELECT ST_XMin(e) w, ST_YMin(e) s, ST_XMax(e) e, ST_YMax(e) n"
                      " FROM (SELECT ST_Extent(geom) e FROM cells) x")  # fmt: skip
        box = dict(session.execute(extent).one()._mapping)
    subprocess.run(  # noqa: S603 - our own words; its memory is not the import's
        [sys.executable, "-c",
         "import json, sys; from pathlib import Path; from benchmarks.parts import write_workbook;"
         "write_workbook(Path(sys.argv[1]), json.loads(sys.argv[2]))",
         str(folder / "trees.xlsx"), json.dumps(box)],
        check=True,
    )  # fmt: skip
    begun = time.perf_counter()
    number = _begin(sessions, folder)
    _settle(sessions, settings)
    with sessions.begin() as session:
        staging.ask(session, "apply_parts", number, actor=Actor(1, "admin"), gone="")
    _settle(sessions, settings)
    with sessions() as session:
        stored = session.scalar(text("SELECT count(*) FROM parts"))
    if stored != ROWS:
        raise RuntimeError(f"{stored} parts were stored, not {ROWS}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "workbook seconds": round(time.perf_counter() - begun, 1),
        "workbook MiB": round(peak, 1),
    }


def _begin(sessions: sessionmaker[Session], folder: Path) -> int:
    columns = {"external_id": "ExtID", "lon": "Lon", "lat": "Lat", "name": "ObjName",
               "state": "ObjState", "begun_on": "ORDate", "note": "Note"}  # fmt: skip
    with (folder / "trees.xlsx").open("rb") as stream:
        upload = uploads.store(folder, "trees.xlsx", stream, length=None)
    mapping = {"columns": columns, "attributes": {"species": "species"}, "bbox": [73, 3, 136, 54]}
    with sessions.begin() as session:
        uploads.keep(session, upload, Actor(1, "admin"))
        begun = staging.begin(session, upload, kind="0402", mapping=mapping, coord_sys=None,
                              division="379901", actor=Actor(1, "admin"))  # fmt: skip
    number: int = begun["id"]
    return number


def _settle(sessions: sessionmaker[Session], settings: Config) -> None:
    while queue.run_one(sessions, handlers(sessions, settings)):
        pass
    with sessions() as session:
        bad = session.execute(
            text("SELECT result, error FROM jobs WHERE ended IN ('refused','failed')")
        ).first()
    if bad:
        raise RuntimeError(str(bad))


def _settings(address: str, data: Path) -> Config:
    return Config(database_url=address, bind="", data=data, profile="CJT214-2007",
                  cookie_secure=False, pool=2, log_level="WARNING")  # fmt: skip


def main(words: list[str]) -> dict[str, Any]:
    """Measure everything, or with a database and a folder the workbook alone, in this process."""
    if words:
        return dict(_child(words[0], Path(words[1])))
    city = make_city()
    full = make_size(city, cases=1_000, parts=PARTS, waiting=10)
    try:
        return dict(measure(city, full))
    finally:
        drop(full)
        drop(city)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))  # noqa: T201 - the figures
