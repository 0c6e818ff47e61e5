"""Statements measured without the web: one connection, one after the other."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from statistics import median
from types import SimpleNamespace

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel.clock import now
from app.layers import queries as layers
from benchmarks.databases import engine_of, statement
from benchmarks.processes import seconds
from benchmarks.scenarios import EAST, MIDDLE_14, NORTH, SOUTH, WEST

Ask = Callable[[Session, Random], object]
WARMING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one statement takes, in milliseconds of wall and of processor time."""

    ms: float
    cpu_ms: float

    @property
    def per_second(self) -> float:
        """Return how many of them one connection gets answered in a second."""
        return 1000 / self.ms


@dataclass(frozen=True, slots=True)
class Question:
    """A statement to time: on the floor or on ours, held against another one or a limit."""

    name: str
    ask: Ask
    on_floor: bool = False
    against: str | None = None
    reach: float | None = None
    limit_ms: float | None = None


def _somewhere(chance: Random) -> dict[str, float]:
    return {"lon": chance.uniform(WEST, EAST), "lat": chance.uniform(SOUTH, NORTH)}


def nearest(session: Session, chance: Random) -> object:
    """Find the five points nearest to somewhere."""
    return session.execute(text(statement("nearest")), _somewhere(chance)).all()


def nearest_of_kind(session: Session, chance: Random) -> object:
    """Find the five manhole covers nearest to somewhere."""
    ask = text(statement("nearest_of_kind"))
    return session.execute(ask, {"kind": "C0103", **_somewhere(chance)}).all()


def _tile(layer: str, z: int, column: int, row: int, session: Session) -> object:
    drawn = SimpleNamespace(name=layer, is_own=False, min_zoom=0, max_zoom=22)
    return layers.draw(session, drawn, (z, column, row), visible=([], {}), at=now())


def tile_14(session: Session, chance: Random) -> object:
    """Draw a tile of parts one by one, in the middle of the city."""
    column, row = MIDDLE_14
    return _tile("parts", 14, column + chance.randint(-3, 3), row + chance.randint(-3, 3), session)


def tile_12(session: Session, chance: Random) -> object:
    """Draw a tile of parts from their counts."""
    return _tile("parts", 12, MIDDLE_14[0] // 4, MIDDLE_14[1] // 4, session)


def tile_12_raw(session: Session, chance: Random) -> object:
    """Draw the same tile from the parts themselves."""
    z, x, y = 12, MIDDLE_14[0] // 4, MIDDLE_14[1] // 4
    ask = text(layers.template("parts"))
    return session.execute(ask, {"z": z, "x": x, "y": y}).scalar_one()


def open_report(session: Session, chance: Random) -> object:
    """Count the open cases by kind and department."""
    return session.execute(text(statement("open_report"))).all()


QUESTIONS = (
    Question("SQL: 5 nearest", nearest, on_floor=True),
    Question("SQL: 5 nearest of a kind", nearest_of_kind, against="SQL: 5 nearest", reach=0.5),
    Question("SQL: tile z14 of parts", tile_14, limit_ms=60),
    Question("SQL: tile z12 from parts", tile_12_raw),
    Question(
        "SQL: tile z12 from counts",
        tile_12,
        against="SQL: tile z12 from parts",
        reach=20,
        limit_ms=15,
    ),
    Question("SQL: open by kind and department", open_report, limit_ms=5),
)


def timings(
    floor: str, ours: str, *, length: float, postmaster: int
) -> Iterator[tuple[Question, Timing]]:
    """Yield every question with its timing, each asked for ``length`` seconds."""
    for question in QUESTIONS:
        engine = engine_of(floor if question.on_floor else ours)
        with sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"))() as session:
            yield question, _timing(session, question.ask, length, postmaster)
        engine.dispose()


def _timing(session: Session, ask: Ask, length: float, postmaster: int) -> Timing:
    chance = Random(42)  # noqa: S311 - load, not secrets
    _asked(session, ask, chance, WARMING_SECONDS)
    before = seconds(postmaster)
    taken = _asked(session, ask, chance, length)
    used = seconds(postmaster) - before
    return Timing(median(taken) * 1000, used / len(taken) * 1000)


def _asked(session: Session, ask: Ask, chance: Random, length: float) -> list[float]:
    """Ask for ``length`` seconds, at least once, and return what each answer took in seconds."""
    taken: list[float] = []
    until = time.monotonic() + length
    while not taken or time.monotonic() < until:
        begun = time.perf_counter()
        ask(session, chance)
        taken.append(time.perf_counter() - begun)
    return taken
