"""One run: servers on both sides, scenarios in turn, everything that was found as table rows."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import databases, imports, report, scenarios, servers, statements
from benchmarks.load import Measure, Target, drive, middle
from benchmarks.processes import postmaster, workers_memory
from benchmarks.report import Row
from benchmarks.scenarios import FLOORS, OURS, Sample, Scenario
from benchmarks.statements import Question, Timing

MOST_ONCE = 600
"""No server here carries out more writes a second; so many are prepared for each."""

MEMORY_LIMITS = {"at start": 140.0, "after the load": 180.0}
"""Proportional memory of a web worker, MiB."""

FLAT = 1.2
"""What a hundred times the cases may cost, in processor time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much a run does: rows, seconds a measure, repetitions, whether the imports run."""

    small: int = 10_000
    large: int = 1_000_000
    points: int = 1_000_000
    length: float = 5.0
    repetitions: int = 3
    imports: bool = True

    @property
    def waiting(self) -> int:
        """Return how many cases must wait to be acted on, the warming up included."""
        return int(self.length * (self.repetitions + 1) * MOST_ONCE)


QUICK = Plan(large=200_000, points=200_000, length=2.0, repetitions=2, imports=False)


@dataclass(frozen=True, slots=True)
class Databases:
    """The databases of a run, by what they hold."""

    floor: str
    city: str
    small: str
    large: str


def make(plan: Plan) -> Databases:
    """Make and fill the databases of ``plan``."""
    floor, city = databases.make_floor(plan.points), databases.make_city()
    small, large = (
        databases.make_size(city, cases=cases, parts=parts, waiting=plan.waiting)
        for cases, parts in ((plan.small, plan.small), (plan.large, plan.points))
    )
    return Databases(floor, city, small, large)


@dataclass(slots=True)
class Side:
    """One server under load: what requests to it name, a token a post, what was measured."""

    url: str
    web: int
    database: int
    known: Sample
    tokens: dict[str, str]
    runs: dict[str, list[Measure]] = field(default_factory=dict)

    def run(self, scenario: Scenario, length: float) -> Measure:
        """Load the server with ``scenario`` for ``length`` seconds."""
        most = int(length * MOST_ONCE) if scenario.once else 2_000
        return drive(
            Target(self.url, self.web, self.database, self.tokens.get(scenario.post)),
            islice(scenario.calls(self.known), most),
            length=length,
            connections=scenario.connections,
            once=scenario.once,
        )

    def keep(self, scenario: Scenario, length: float) -> None:
        """Measure ``scenario`` and keep the result among its repetitions."""
        self.runs.setdefault(scenario.name, []).append(self.run(scenario, length))

    def middle(self, name: str) -> Measure:
        """Return the medians of scenario ``name``."""
        return middle(self.runs[name])


@dataclass(slots=True)
class Sides:
    """Every server of a run: two floors, ours on many cases and on few."""

    floors: list[Side]
    large: Side
    small: Side
    memory: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def floor(self, name: str) -> Measure:
        """Return the better floor of scenario ``name``."""
        return max((side.middle(name) for side in self.floors), key=lambda m: m.per_second)


def measure(plan: Plan, made: Databases, folder: Path) -> tuple[list[Row], dict[str, Any]]:
    """Measure everything of ``plan`` and return the table and the figures behind it."""
    process = postmaster(databases.dsn_of(made.floor))
    timed = dict(statements.timings(made.floor, made.large, length=plan.length, postmaster=process))
    with ExitStack() as stack:
        sides = _open(stack, made, process, folder)
        sides.memory["at start"] = workers_memory(sides.large.web)
        _load(plan, sides)
        sides.memory["after the load"] = workers_memory(sides.large.web)
    rows = [*_http_rows(sides), *_size_rows(sides), *_sql_rows(timed), *_memory_rows(sides)]
    found = _figures(sides, timed)
    if plan.imports:
        found["imports"] = {}
        rows += _import_rows(made, folder, found["imports"])
    return rows, found


def _open(stack: ExitStack, made: Databases, process: int, folder: Path) -> Sides:
    """Start every server, each on its own database."""
    kinds = (
        (servers.FLOOR, made.floor),
        (servers.FLOOR_THREADS, made.floor),
        (servers.OURS, made.large),
        (servers.OURS, made.small),
    )
    sides = []
    for kind, name in kinds:
        url, web = stack.enter_context(servers.serving(kind, name, folder))
        bare = name == made.floor
        known = scenarios.nothing() if bare else scenarios.sample(name)
        tokens = {} if bare else databases.tokens(name)
        sides.append(Side(url, web, process, known, tokens))
    return Sides(sides[:2], sides[2], sides[3])


def _load(plan: Plan, sides: Sides) -> None:
    """Load all servers in turn, so that what else the machine does falls on each alike."""
    turns = [(side, one) for one in FLOORS for side in sides.floors]
    for one in OURS:
        turns.append((sides.large, one))
        if one.sizes:
            turns.append((sides.small, one))
    for side, scenario in turns:
        side.run(scenario, 1.0)
    for _ in range(plan.repetitions):
        for side, scenario in turns:
            side.keep(scenario, plan.length)


def _http_rows(sides: Sides) -> Iterator[Row]:
    for one in OURS:
        ours = sides.large.middle(one.name)
        if one.floor:
            yield report.against_floor(one.name, ours, sides.floor(one.floor), one.reach)
        else:
            yield report.against_limit(one.name, ours, one.limit_ms)


def _size_rows(sides: Sides) -> Iterator[Row]:
    """Hold the cost on many cases against that on few."""
    for one in OURS:
        if one.sizes:
            large, small = sides.large.middle(one.name), sides.small.middle(one.name)
            yield report.flat(f"{one.name}: many cases, few", large, small, FLAT)


def _sql_rows(timed: dict[Question, Timing]) -> Iterator[Row]:
    by_name = {question.name: timing for question, timing in timed.items()}
    for question, timing in timed.items():
        other = by_name[question.against] if question.against else None
        yield report.statement(question, timing, other)


def _memory_rows(sides: Sides) -> Iterable[Row]:
    for when, workers in sides.memory.items():
        most = max(worker["pss"] for worker in workers)
        limit = MEMORY_LIMITS[when]
        yield Row(
            f"web worker {when}",
            f"{most:.0f} MiB",
            reach=f"≤ {limit:g} MiB",
            verdict=report.under(most, limit),
        )


def _import_rows(made: Databases, folder: Path, found: dict[str, Any]) -> Iterator[Row]:
    """Bring the real files into the city without cases; say what cannot be brought in, and why."""
    commands = imports.flask(made.city, folder, "--help").stdout
    for wanted in imports.IMPORTS:
        if reason := imports.why_not(wanted, commands):
            yield Row(wanted.name, reason)
            continue
        ended = imports.bring_in(wanted, made.city, folder)
        found[wanted.name] = ended
        yield report.imported(wanted, ended)


def _figures(sides: Sides, timed: dict[Question, Timing]) -> dict[str, Any]:
    """Return every figure by scenario, as the results keep them."""
    named = {
        "floor, greenlets": sides.floors[0],
        "floor, threads": sides.floors[1],
        "ours, many cases": sides.large,
        "ours, few cases": sides.small,
    }
    found: dict[str, Any] = {
        name: {work: side.middle(work) for work in side.runs} for name, side in named.items()
    }
    found["statements"] = {question.name: timing for question, timing in timed.items()}
    found["memory_mib"] = sides.memory
    return found
