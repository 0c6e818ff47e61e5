"""What is asked of the servers: one line of a table a scenario, one generator of requests each."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random
from uuid import uuid4

import psycopg2

from benchmarks.databases import dsn_of
from benchmarks.load import Call

WEST, SOUTH, EAST, NORTH = 115.8, 36.3, 116.2, 36.55
"""The box of the city and of the floor, degrees in EPSG:4490."""

MIDDLE_14 = (13470, 6409)
"""Column and row of a tile at zoom 14 in the middle of the city; three more each way are full."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What requests name: cases to read, cases to act on with state and condition, kinds, feed."""

    told: list[str]
    waiting: list[tuple[str, str, str]]
    kinds: list[str]
    feed: int
    chance: Random


Calls = Callable[[Sample], Iterator[Call]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of work: who asks, what, against which floor, and the share of it to reach.

    ``limit_ms`` is what half of the requests must keep when there is no floor for them.
    """

    name: str
    calls: Calls
    post: str = "shift_leader"
    floor: str | None = None
    reach: float | None = None
    limit_ms: float | None = None
    connections: int = 8
    once: bool = False
    sizes: bool = False


WAITING = (
    "SELECT c.uid::text, c.state, min(d.id)::text FROM cases c JOIN conditions d ON d.kind = c.kind"
    " WHERE c.number IS NULL AND c.closed_at IS NULL GROUP BY c.id ORDER BY c.id"
)


def sample(database: str) -> Sample:
    """Read from ``database`` what requests will name."""
    connection = psycopg2.connect(dsn_of(database))
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT uid::text FROM cases WHERE steps = 3 ORDER BY id DESC LIMIT 5000")
        told = [row[0] for row in cursor.fetchall()]
        cursor.execute(WAITING)
        waiting = cursor.fetchall()
        cursor.execute("SELECT code FROM kinds WHERE family = 'event' ORDER BY id")
        kinds = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT last FROM feed_head")
        [(last,)] = cursor.fetchall()
        return Sample(told, waiting, kinds, last, Random(42))  # noqa: S311 - load, not secrets
    finally:
        connection.close()


def nothing() -> Sample:
    """Return what requests to the floor name: no rows of ours."""
    return Sample([], [], [], 0, Random(42))  # noqa: S311 - load, not secrets


def _point(chance: Random) -> tuple[float, float]:
    return round(chance.uniform(WEST, EAST), 6), round(chance.uniform(SOUTH, NORTH), 6)


def hello(known: Sample) -> Iterator[Call]:
    """Ask for the page that does nothing."""
    yield Call("GET", "/")


def cell(known: Sample) -> Iterator[Call]:
    """Ask the floor which square covers a point."""
    while True:
        lon, lat = _point(known.chance)
        yield Call("GET", f"/cell?lon={lon}&lat={lat}")


def insert(known: Sample) -> Iterator[Call]:
    """Have the floor store a point."""
    while True:
        lon, lat = _point(known.chance)
        body = {"kind": 3, "words": "人行道上堆放垃圾，约半方", "lon": lon, "lat": lat}
        yield Call("POST", "/told", body=json.dumps(body, ensure_ascii=False))


def create(known: Sample) -> Iterator[Call]:
    """Report a case."""
    for number, kind in enumerate(cycle(known.kinds)):
        lon, lat = _point(known.chance)
        body = {
            "source": "01",
            "kind": kind,
            "description": f"人行道上堆放垃圾，约半方，第{number}处",
            "lon": lon,
            "lat": lat,
            "client_uid": str(uuid4()),
        }
        yield Call("POST", "/api/v1/cases", str(uuid4()), json.dumps(body, ensure_ascii=False))


def act(known: Sample) -> Iterator[Call]:
    """Accept a reported case, file an accepted one; each case once."""
    while known.waiting:
        uid, state, condition = known.waiting.pop()
        body = (
            {"action": "accept", "answers": {}, "seen": 1}
            if state == "reported"
            else {"action": "file", "answers": {"condition": condition}, "seen": 2}
        )
        yield Call("POST", f"/api/v1/cases/{uid}/steps", str(uuid4()), json.dumps(body))


def filtered(known: Sample) -> Iterator[Call]:
    """Ask for fifty cases in two states, of a category, in a box."""
    while True:
        west, south = known.chance.uniform(115.9, 116.0), known.chance.uniform(36.38, 36.43)
        box = f"{west:.4f},{south:.4f},{west + 0.08:.4f},{south + 0.08:.4f}"
        path = f"/api/v1/cases?limit=50&state=dispatched,handling&category=01&bbox={box}"
        yield Call("GET", path)


def plain(known: Sample) -> Iterator[Call]:
    """Ask for the newest fifty cases."""
    yield Call("GET", "/api/v1/cases?limit=50")


def words(known: Sample) -> Iterator[Call]:
    """Ask for the cases with a number in their text."""
    while True:
        yield Call(
            "GET", f"/api/v1/cases?limit=50&q=%E7%BC%96%E5%8F%B7{known.chance.randint(1, 9999)}"
        )


def one(known: Sample) -> Iterator[Call]:
    """Ask for one case with its actions, clock and journal."""
    while True:
        yield Call("GET", f"/api/v1/cases/{known.chance.choice(known.told)}")


def locate(known: Sample) -> Iterator[Call]:
    """Ask what lies at a point: cell, community, street, address, parts."""
    while True:
        lon, lat = _point(known.chance)
        yield Call("GET", f"/api/v1/locate?lon={lon}&lat={lat}")


def tile_14(known: Sample) -> Iterator[Call]:
    """Ask for tiles of parts one by one, from the middle of the city."""
    column, row = MIDDLE_14
    while True:
        x, y = column + known.chance.randint(-3, 3), row + known.chance.randint(-3, 3)
        yield Call("GET", f"/tiles/parts/14/{x}/{y}.mvt")


def tile_12(known: Sample) -> Iterator[Call]:
    """Ask for tiles of parts from their counts."""
    column, row = MIDDLE_14
    yield Call("GET", f"/tiles/parts/12/{column // 4}/{row // 4}.mvt")


def screen(known: Sample) -> Iterator[Call]:
    """Ask for the figures of the command wall."""
    yield Call("GET", "/screen/counts")


def feed(known: Sample) -> Iterator[Call]:
    """Ask for what happened last."""
    while True:
        yield Call("GET", f"/api/v1/feed?after={max(0, known.feed - known.chance.randint(1, 20))}")


FLOORS = (
    Scenario("bare hello", hello),
    Scenario("bare cell", cell),
    Scenario("bare insert", insert),
)
OURS = (
    Scenario("create a case", create, "inspector", "bare insert", 0.30, once=True, sizes=True),
    Scenario("act on a case", act, "shift_leader", "bare insert", 0.22, once=True, sizes=True),
    Scenario("page of 50, filtered", filtered, floor="bare cell", reach=0.05, sizes=True),
    Scenario("page of 50, plain", plain, floor="bare cell", sizes=True),
    Scenario("page of 50, by words", words, floor="bare cell"),
    Scenario("one case", one, floor="bare cell", reach=0.20, sizes=True),
    Scenario("point to cell", locate, floor="bare cell", reach=0.25),
    Scenario("feed", feed, floor="bare cell"),
    Scenario("figures of the wall", screen, "commander", connections=1),
    Scenario("tile z14 of parts", tile_14, limit_ms=60, connections=1),
    Scenario("tile z12 from counts", tile_12, limit_ms=15, connections=1),
)
