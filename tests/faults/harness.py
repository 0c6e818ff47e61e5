"""The promise under fire: ``python -m tests.faults.harness --kills 1000`` prints what was lost.

A PostgreSQL cluster of its own, a web server whose workers kill themselves at named points, and
reporters who send each thing until it is acknowledged.  ``--power 5`` cuts the database's power
instead, as often as said; with ``--careless`` it may then forget what it has committed
(``synchronous_commit = off``), and the harness must notice.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import sessionmaker

from app import create_app
from app.cases import reconcile
from app.kernel.db import make_engine
from scripts import cluster
from scripts.place import locate
from scripts.system import must_run, postgres_programs
from tests import city
from tests.conftest import config_for
from tests.faults.asking_http import Reporter

ROOT = Path(__file__).parent.parent.parent
REPORTERS = 6
SLACK_MS = 10_000
"""How long a careless server may keep commits to itself."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go wrong: worker deaths, power cuts, and whether the database is careless."""

    kills: int = 0
    power: int = 0
    careless: bool = False
    chance: float = 0.02
    most_seconds: float = 1_500


@dataclass(slots=True)
class Outcome:
    """What was acknowledged, what was found afterwards, and where workers died."""

    cases: int = 0
    steps: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    faults: list[int] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)
    cuts: int = 0
    seconds: float = 0

    def told(self) -> str:
        """Return the outcome in lines."""
        where = "\n".join(f"  {n:5d}  {point}" for point, n in sorted(self.points.items()))
        return (
            f"{self.points.total()} workers killed, {self.cuts} power cuts, {self.seconds:.0f} s\n"
            f"{where}\nacknowledged: {self.cases} cases, {self.steps} steps\n"
            f"lost: {len(self.lost)}, doubled: {self.doubled},"
            f" differences: {len(self.differences)}, answers that were no 503: {len(self.faults)}"
        )


@contextmanager
def database(home: Path) -> Iterator[str]:
    """Yield the address of a database with the small city, on a cluster of its own."""
    url = cluster.ensure_up(home)
    try:
        engine = make_engine(url, pool=2, statement_ms=60_000)
        city.build(engine)
        engine.dispose()
        yield url
    finally:
        cluster.reset(home)


@contextmanager
def server(url: str, data: Path, plan: Plan) -> Iterator[str]:
    """Yield the address of a web server whose workers die as ``plan`` says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    place = {"DATABASE_URL": url, "DATA": str(data), "PORT": str(port), "COOKIE_SECURE": "0"}
    place |= {"CRASH": str(plan.chance if plan.kills else 0), "CRASHES": str(data / "crashes")}
    command = [sys.executable, "-m", "gunicorn", "-c", "tests/faults/crashing_conf.py"]
    with (data / "web.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **place}, stderr=log, stdout=log
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(45)


def run(plan: Plan) -> Outcome:
    """Carry ``plan`` out and return what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        home, data = Path(folder, "db"), Path(folder, "data")
        home.mkdir()
        data.mkdir()
        Path(folder).chmod(0o755)
        (data / "crashes").touch()
        with database(home) as url:
            if plan.careless:
                be_careless(home, url)
            outcome = under_fire(plan, url, home, data)
            compare(url, data, outcome)
        return outcome


def be_careless(home: Path, url: str) -> None:
    """Let the database acknowledge what is not on disk yet, and take its time to write it."""
    name = make_url(url).database
    admin(home, f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    admin(home, f"ALTER SYSTEM SET wal_writer_delay = {SLACK_MS}")
    admin(home, "SELECT pg_reload_conf()")


def admin(home: Path, statement: str) -> None:
    """Run ``statement`` as the cluster's administrator."""
    place = locate(home)
    told = ("-h", str(place.sockets), "-U", "postgres", "-c", statement)
    must_run(place.owner, postgres_programs() / "psql", *told)


def under_fire(plan: Plan, url: str, home: Path, data: Path) -> Outcome:
    """Report and accept cases until enough has gone wrong."""
    outcome, begun = Outcome(), time.monotonic()
    with server(url, data, plan) as address:
        reporters = arrive(url, data, address)
        stop = threading.Event()
        threads = [threading.Thread(target=one.work, args=(stop,)) for one in reporters]
        for thread in threads:
            thread.start()
        while not enough(plan, outcome, data) and time.monotonic() - begun < plan.most_seconds:
            time.sleep(1.5 if plan.power else 0.2)
            if plan.power:
                cut_power(home)
                outcome.cuts += 1
        stop.set()
        for thread in threads:
            thread.join(60)
    outcome.seconds = time.monotonic() - begun
    outcome.points = Counter((data / "crashes").read_text().splitlines())
    return note_acknowledged(outcome, reporters)


def note_acknowledged(outcome: Outcome, reporters: list[Reporter]) -> Outcome:
    """Keep what the reporters were promised; what is found is taken away by ``compare``."""
    outcome.cases = sum(len(one.acknowledged) for one in reporters)
    outcome.steps = sum(sum(one.acknowledged.values()) for one in reporters)
    outcome.faults = [code for one in reporters for code in one.faults]
    outcome.lost = [
        json.dumps([uid, position])
        for one in reporters
        for uid, last in one.acknowledged.items()
        for position in range(1, last + 1)
    ]
    return outcome


def arrive(url: str, data: Path, address: str) -> list[Reporter]:
    """Return reporters with tokens of their own, once the server answers."""
    app = create_app(config_for(url, data))
    inspector = city.Program(app, "inspector").headers
    leader = city.Program(app, "leader1").headers
    app.extensions["engine"].dispose()
    found = [Reporter(address, inspector, leader) for _ in range(REPORTERS)]
    found[0].wait_until_it_answers()
    return found


def enough(plan: Plan, outcome: Outcome, data: Path) -> bool:
    """Say whether what was planned has happened."""
    if plan.power:
        return outcome.cuts >= plan.power
    return len((data / "crashes").read_text().splitlines()) >= plan.kills


def cut_power(home: Path) -> None:
    """Stop the database as a power cut would, and bring it back."""
    place = locate(home)
    cluster._control(place, "stop", "-m", "immediate")
    cluster.ensure_up(home)


def compare(url: str, data: Path, outcome: Outcome) -> None:
    """Hold what was acknowledged against what the database has."""
    engine = create_engine(url)
    with sessionmaker(engine)() as session:
        ask = "SELECT c.uid::text, s.position FROM case_steps s JOIN cases c ON c.id = s.case_id"
        there = {json.dumps([uid, n]) for uid, n in session.execute(text(ask))}
        twice = "SELECT count(*) - count(DISTINCT client_uid) FROM cases"
        outcome.doubled = session.execute(text(twice)).scalar_one()
        outcome.differences = reconcile.differences(session, data / "files")
    engine.dispose()
    outcome.lost = [promised for promised in outcome.lost if promised not in there]


def main() -> int:
    """Run the harness as the arguments say; exit 1 if anything was lost."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=0)
    asked.add_argument("--power", type=int, default=0)
    asked.add_argument("--careless", action="store_true")
    given = asked.parse_args()
    outcome = run(Plan(given.kills, given.power, given.careless))
    sys.stdout.write(f"{outcome.told()}\n")
    return int(bool(outcome.lost or outcome.doubled or outcome.differences or outcome.faults))


if __name__ == "__main__":
    sys.exit(main())
