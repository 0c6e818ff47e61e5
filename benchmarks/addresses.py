"""Finding addresses: how fast among a hundred thousand, and how often the first answer is right."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from shapely import LineString, Point
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.places.addresses import finding, imports
from app.places.addresses.words import pinyin
from benchmarks import databases, report, servers
from benchmarks.load import Call, Target, drive
from benchmarks.processes import postmaster
from benchmarks.report import Row
from benchmarks.scenarios import EAST, NORTH, SOUTH, WEST

FIRST = "柳园东昌花卫育兴华振建设利民光岳湖滨聊古楼新向阳青松海棠"
SECOND = "园府坛街馨安业福春和景康宁泰丰盛祥瑞明清"
WAYS = ("路", "街", "大道", "巷")
ALIKE = dict(zip("园府福和康明清丰安泰宁春景祥瑞", "圆俯幅河糠名轻峰氨态凝椿井详锐", strict=True))
"""Characters of streets and ones that sound the same: the usual slip of the pen."""
SHOPS = ("超市", "大药房", "幼儿园", "宾馆", "停车场", "菜市场", "卫生室", "小区")
STREETS, DOORS, PLACES = 480, 198, 5_000
ASKED = 1_000
GEOCODE_MS, REVERSE_MS = 150, 50
TOP_ONE, TOP_FIVE = 0.85, 0.95


def measure(
    template: str, folder: Path, *, length: float = 5.0
) -> tuple[list[Row], dict[str, Any]]:
    """Fill a copy of a city with 100 000 addresses, ask it over HTTP, and judge its answers."""
    city = databases.create(f"{databases.PREFIX}addresses", template=template)
    try:
        engine = databases.engine_of(city)
        with sessionmaker(engine).begin() as session:
            stored = imports.take(session, town(), source="surveyed")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM (ANALYZE) addresses, address_words, crossings"))
        rows, found = _timed(city, folder, length)
        with sessionmaker(engine)() as session:
            judged = judge(session)
        engine.dispose()
    finally:
        databases.drop(city)
    rows += [
        Row("addresses stored", f"{stored}"),
        _share("right address first, of 1 000 asked", judged["first"], TOP_ONE),
        _share("right address among five", judged["five"], TOP_FIVE),
    ]
    return rows, {"addresses": {"stored": stored, **found, **judged}}


def _share(name: str, share: float, reach: float) -> Row:
    said = "reached" if share >= reach else "short"
    return Row(name, f"{share:.1%}", reach=f"≥ {reach:.0%}", verdict=said)


def names() -> list[str]:
    """Return the names of the streets, each once."""
    words = (a + b + w for w, (a, b) in product(WAYS, product(FIRST, SECOND)))
    return list(dict.fromkeys(words))[:STREETS]


def town() -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield streets from west to east and from south to north, their doors, and places."""
    chance = Random(7)  # noqa: S311 - the same town each time
    half = STREETS // 2
    for n, name in enumerate(names()):
        share = (n % half + 0.5) / half
        across = n < half
        ends = (
            [(WEST, SOUTH + share * (NORTH - SOUTH)), (EAST, SOUTH + share * (NORTH - SOUTH))]
            if across
            else [(WEST + share * (EAST - WEST), SOUTH), (WEST + share * (EAST - WEST), NORTH)]
        )
        line = LineString(ends)
        yield "streets", _told(name=name), line
        for number in range(1, DOORS + 1):
            foot = line.interpolate((number + 0.5) / (DOORS + 2), normalized=True)
            aside = 0.0001 if number % 2 else -0.0001
            yield "doors", _told(street=name, number=str(number)), _beside(foot, aside, across)
    for n in range(PLACES):
        spot = Point(chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH))
        word = FIRST[n % len(FIRST)] + SECOND[n // 7 % len(SECOND)] + FIRST[n // 3 % len(FIRST)]
        yield "places", _told(name=f"{word}{SHOPS[n % len(SHOPS)]}"), spot


def _told(**said: str) -> dict[str, Any]:
    known = ("name", "alias", "former", "street", "number", "category")
    return {key: said.get(key) for key in known}


def _beside(foot: Point, aside: float, across: bool) -> Point:
    return Point(foot.x, foot.y + aside) if across else Point(foot.x + aside, foot.y)


def queries(chance: Random) -> Iterator[tuple[str, str]]:
    """Yield what people would type and the answer they mean: whole, short, by sound, with slips."""
    streets = names()
    while True:
        street, other = (
            chance.choice(streets[: STREETS // 2]),
            chance.choice(streets[STREETS // 2 :]),
        )
        number = chance.randint(1, DOORS)
        door = f"{street}{number}号"
        wrong = street[:1] + ALIKE.get(street[1], street[1]) + street[2:]
        yield chance.choices(
            (
                (door, door),
                (f"{street} {number}#", door),
                (f"{street}与{other}交叉口", "与".join(sorted((street, other))) + "交叉口"),
                (f"{other}{street}路口", "与".join(sorted((street, other))) + "交叉口"),
                (f"{pinyin(street)[0]}{number}", door),
                (f"{wrong}{number}号", door),
                (street, street),
            ),
            weights=(30, 15, 15, 10, 10, 10, 10),
        )[0]


def judge(session: Session) -> dict[str, float]:
    """Return how often the meant place comes first, and how often among the first five."""
    chance = Random(11)  # noqa: S311 - the same questions each time
    first = five = 0
    for (query, meant), _ in zip(queries(chance), range(ASKED), strict=False):
        labels = [hit.label for hit in finding.geocode(session, query)[:5]]
        first += labels[:1] == [meant]
        five += meant in labels
    return {"first": first / ASKED, "five": five / ASKED}


def _timed(city: str, folder: Path, length: float) -> tuple[list[Row], dict[str, Any]]:
    process = postmaster(databases.dsn_of(city))
    token = databases.tokens(city)["agent"]
    rows, found = [], {}
    with servers.serving(servers.OURS, city, folder) as (url, web):
        target = Target(url, web, process, token)
        for name, calls, limit in (
            ("geocode among 100 000 addresses, p95", _geocode, GEOCODE_MS),
            ("place told by its address, p95", _reverse, REVERSE_MS),
        ):
            drive(target, calls(Random(5)), length=1.0, connections=4)  # noqa: S311 - warming
            measured = drive(target, calls(Random(6)), length=length, connections=4)  # noqa: S311
            said = report.under(measured.p95_ms, limit)
            ours = (
                f"{measured.p95_ms:.1f} ms (p50 {measured.p50_ms:.1f}), {measured.per_second:.0f}/s"
            )
            rows.append(Row(name, ours, reach=f"≤ {limit} ms", verdict=said))
            found[name] = measured
    return rows, found


def _geocode(chance: Random) -> Iterator[Call]:
    asked = queries(chance)
    for _ in range(2_000):
        yield Call("GET", f"/api/v1/geocode?q={quote(next(asked)[0])}")


def _reverse(chance: Random) -> Iterator[Call]:
    for _ in range(2_000):
        lon, lat = chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)
        yield Call("GET", f"/api/v1/locate?lon={lon:.6f}&lat={lat:.6f}")
