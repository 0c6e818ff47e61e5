"""The figures of the workflow: work lists, duplicates, and the sweep over a million open clocks."""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app.cases import upkeep
from app.kernel.clock import now
from benchmarks import databases, report, servers
from benchmarks.load import Call, Measure, Target, drive
from benchmarks.processes import postmaster
from benchmarks.report import Row
from benchmarks.scenarios import EAST, NORTH, SOUTH, WEST

CASES = 1_000_000
LENGTH, ROUNDS = 5.0, 3
LISTS = {
    "work list of the agent": ("agent", "/api/v1/cases?limit=50&state=reported"),
    "work list of the shift leader": ("shift_leader", "/api/v1/cases?limit=50&state=handled"),
    "work list of a department": ("department", "/api/v1/cases?limit=50&state=handling"),
    "work list of what is overdue": ("dispatcher", "/api/v1/cases?limit=50&due=overdue"),
    "requests that wait for one": ("shift_leader", "/api/v1/cases?limit=50&mine=requests"),
}
LIST_MS, ALIKE_MS, SWEEP_MS = 60.0, 100.0, 200.0


def alike(chance: Random) -> Iterator[Call]:
    """Ask for what may be the same as a report somewhere."""
    while True:
        lon, lat = chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)
        place = f"lon={lon:.6f}&lat={lat:.6f}&text=%E5%9E%83%E5%9C%BE"
        yield Call("GET", f"/api/v1/duplicates?kind=E0102&{place}")


def lists(url: str, web: int, database: int, known: dict[str, str]) -> dict[str, Measure]:
    """Return the middle of some rounds of every list and of the search for duplicates."""
    found = {}
    for name, (post, path) in LISTS.items():
        target = Target(url, web, database, known.get(post))
        found[name] = _middle(target, [Call("GET", path)] * 50)
    target = Target(url, web, database, known["agent"])
    calls = list(islice(alike(Random(42)), 500))  # noqa: S311 - load, not secrets
    found["perhaps the same"] = _middle(target, calls)
    return found


def _middle(target: Target, calls: list[Call]) -> Measure:
    drive(target, iter(calls), length=1.0, connections=1, once=False)
    ran = [
        drive(target, iter(calls), length=LENGTH, connections=1, once=False) for _ in range(ROUNDS)
    ]
    return sorted(ran, key=lambda one: one.p95_ms)[ROUNDS // 2]


def open_all(name: str) -> None:
    """Let every case be open, with its clock running."""
    engine = databases.engine_of(name)
    with sessionmaker(engine).begin() as session:
        session.execute(text("ALTER TABLE cases DISABLE TRIGGER along_the_flow"))
        with databases.without_indexes(session, "cases"):
            session.execute(text(databases.statement("all_open")))
        session.execute(text("ALTER TABLE cases ENABLE TRIGGER along_the_flow"))
    databases.settle(engine)


def sweep(name: str) -> float:
    """Return the milliseconds it takes to find and mark five hundred cases that have come due."""
    engine, taken = databases.engine_of(name), []
    with sessionmaker(engine)() as session:
        for _ in range(9):
            begun = time.perf_counter()
            marked = upkeep.mark_due(session, at=now())
            taken.append((time.perf_counter() - begun) * 1000)
            session.rollback()
            if marked < CASES // 2_000:
                raise SystemExit(f"only {marked} cases had come due")
    engine.dispose()
    return median(taken)


def measure(name: str, folder: Path) -> tuple[list[Row], dict[str, Any]]:
    """Measure on database ``name``; every case of it is open afterwards."""
    process = postmaster(databases.dsn_of(name))
    known = databases.tokens(name)
    with servers.serving(servers.OURS, name, folder) as (url, web):
        few = lists(url, web, process, known)
    open_all(name)
    swept = sweep(name)
    with servers.serving(servers.OURS, name, folder) as (url, web):
        all_open = lists(url, web, process, known)
    rows = [*_rows("", few), *_rows(", all open", all_open)]
    said = report.under(swept, SWEEP_MS)
    rows.append(
        Row("sweep of 1 000 000 open clocks", f"{swept:.1f} ms", reach="≤ 200 ms", verdict=said)
    )
    told = {"three in a hundred open": few, "all open": all_open}
    figures = {when: {n: asdict(m) for n, m in ran.items()} for when, ran in told.items()}
    return rows, figures | {"sweep_ms": swept}


def _rows(when: str, found: dict[str, Measure]) -> Iterator[Row]:
    for name, ran in found.items():
        limit = ALIKE_MS if name == "perhaps the same" else LIST_MS
        told = f"p95 {ran.p95_ms:.1f} ms, p50 {ran.p50_ms:.1f} ms"
        said = f"{ran.errors} errors" if ran.errors else report.under(ran.p95_ms, limit)
        yield Row(f"{name}{when}", told, reach=f"p95 ≤ {limit:g} ms", verdict=said)


def main() -> int:
    """Make the databases, measure the workflow alone, print the table."""
    city = databases.make_city()
    try:
        full = databases.make_size(city, cases=CASES, parts=1_000, waiting=5_000)
        try:
            with tempfile.TemporaryDirectory() as folder:
                rows, found = measure(full, Path(folder))
        finally:
            databases.drop(full)
    finally:
        databases.drop(city)
    sys.stdout.write(f"{report.table(rows)}\n")
    report.store(rows, found, report.machine(""), name="workflow")
    return 0
