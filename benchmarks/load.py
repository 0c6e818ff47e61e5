"""Driving a web server with wrk and charging the processor time to the processes behind it."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.processes import busy_seconds, seconds

SCRIPT = Path(__file__).parent / "replay.lua"
RESULT = re.compile(r"RESULT (\{.*\})")
MISSING = "wrk is missing: install it (apt-get install wrk), then run `make bench` again."


@dataclass(frozen=True, slots=True)
class Call:
    """One request; ``key`` is the retry key of a write or the ETag of a read."""

    method: str
    path: str
    key: str = ""
    body: str = ""

    def line(self) -> str:
        """Return the request as ``replay.lua`` reads it."""
        return "\t".join((self.method, self.path, self.key, self.body)) + "\n"


@dataclass(frozen=True, slots=True)
class Target:
    """A web server under load: its address, its first process, the database's, a token."""

    url: str
    web: int
    database: int
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """What one run found: rates per second, times in milliseconds, processor time per request."""

    per_second: float
    p50_ms: float
    p95_ms: float
    web_ms: float
    database_ms: float
    others_cores: float
    errors: int

    @property
    def cpu_ms(self) -> float:
        """Return the processor milliseconds of a request, web and database together."""
        return self.web_ms + self.database_ms


def program() -> str:
    """Return where wrk lies, or exit with the sentence that says how to get it."""
    found = shutil.which("wrk")
    if not found:
        raise SystemExit(MISSING)
    return found


def drive(
    target: Target, calls: Iterable[Call], *, length: float, connections: int, once: bool = False
) -> Measure:
    """Send ``calls`` to ``target`` for ``length`` seconds; ``once`` stops when they run out."""
    with tempfile.NamedTemporaryFile("w", suffix=".calls", encoding="utf-8") as file:
        file.writelines(call.line() for call in calls)
        file.flush()
        before = _clocks(target)
        found = _wrk(target, file.name, length=length, connections=connections, once=once)
        after = _clocks(target)
    return measure_of(found, tuple(b - a for a, b in zip(before, after, strict=True)))


def _clocks(target: Target) -> tuple[float, ...]:
    """Return wall time and processor seconds: machine, web, database, ended children of ours."""
    ours = os.times()
    generator = ours.children_user + ours.children_system
    now = time.monotonic()
    return now, busy_seconds(), seconds(target.web), seconds(target.database), generator


def _wrk(
    target: Target, file: str, *, length: float, connections: int, once: bool
) -> dict[str, float]:
    environment = {**os.environ, "REQUESTS": file}
    environment |= {"TOKEN": target.token} if target.token else {}
    environment |= {"ONCE": "1"} if once else {}
    options = ["-t1", f"-c{connections}", f"-d{length:g}s", "--timeout", "60s", "--latency"]
    command = [program(), *options, "-s", str(SCRIPT), target.url]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    found = RESULT.search(told.stdout)
    if not found:
        raise SystemExit(f"wrk failed: {told.stderr.strip() or told.stdout.strip()}")
    result: dict[str, float] = json.loads(found[1])
    return result


def measure_of(found: dict[str, float], used: tuple[float, ...]) -> Measure:
    """Return what wrk ``found`` while so much wall and processor time (seconds) was ``used``."""
    wall, machine, web, database, generator = used
    requests = max(1.0, found["requests"])
    return Measure(
        per_second=found["requests"] / found["seconds"],
        p50_ms=found["p50_ms"],
        p95_ms=found["p95_ms"],
        web_ms=web / requests * 1000,
        database_ms=database / requests * 1000,
        others_cores=max(0.0, (machine - web - database - generator) / wall),
        errors=int(found["errors"]),
    )


def middle(runs: list[Measure]) -> Measure:
    """Return the medians of ``runs``, and all of their errors."""
    names = ("per_second", "p50_ms", "p95_ms", "web_ms", "database_ms", "others_cores")
    figures = {name: median(getattr(run, name) for run in runs) for name in names}
    return Measure(**figures, errors=sum(run.errors for run in runs))
