"""Finding places by text: names as they are written, nearly so, or as they sound."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import shapely
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.scopes import after_prefix
from app.places.addresses import queries, rules
from app.places.addresses.rules import Asked, Number
from app.places.addresses.words import pieces, pinyin, similarity
from gis.linear import between

read = partial(sql.read, Path(__file__).parent)
EXACT, ALIKE, SOUND = read("words_exact"), read("words_alike"), read("words_sound")
REGIONS, PLATES, CROSSINGS = read("regions"), read("plates_around"), read("crossings")
SHAPES = "SELECT id, ST_AsBinary(geom) AS geom FROM addresses WHERE id = ANY(:ids) ORDER BY id"
CELL = (
    "SELECT code, community, ST_X(p) AS lon, ST_Y(p) AS lat FROM"
    " (SELECT code, community, ST_PointOnSurface(geom) AS p FROM cells WHERE code = :code) c"
)
MOST = 10
STREETS_TRIED = 12
SAME_DEGREES = 0.002
FAR_NUMBER = 200
"""Numbers that lie farther than this from the next known one are not interpolated."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer: what it is, where (EPSG:4490), how exact, how good (0 to 1)."""

    label: str
    type: str
    lon: float
    lat: float
    precision: str
    division: str
    id: str | None = None
    share: float = 1.0
    likeness: float = 1.0
    score: float = 0.0
    within: str = ""

    def public(self) -> dict[str, Any]:
        """Return what the API gives."""
        return {
            "label": self.label,
            "type": self.type,
            "lon": round(self.lon, 7),
            "lat": round(self.lat, 7),
            "score": self.score,
            "precision": self.precision,
            "within": self.within,
            "id": self.id,
        }


understand = rules.understand


def geocode(session: Session, query: str) -> list[Hit]:
    """Return the best places for ``query``, best first, at most ten.

    Read in turn: a cell's code, names as they are written, crossings, numbers on streets (between
    two known ones if need be), names nearly so, initials and sounds.
    """
    asked = rules.understand(query)
    found = list(_hits(session, asked))
    return _ranked(session, asked, found)


def _hits(session: Session, asked: Asked) -> Iterator[Hit]:
    if asked.code:
        yield from _cell(session, asked.code)
    parts = pieces(asked.text)
    regions = sql.ask(session, REGIONS, {"pieces": parts}).rows if parts else []
    rows = _kept(sql.ask(session, EXACT, {"pieces": parts}).rows if parts else [], regions)
    streets = {row.word for row in rows if row.type == "street"}
    lacking = not rows or (asked.crossing and len(streets) < 2)
    guessed = _guessed(session, asked) if lacking else []
    if asked.crossing:
        yield from _crossings(session, asked, rows, guessed)
    yield from _named(session, asked, rows)
    yield from _regions(asked, regions)
    if not rows:
        yield from _named(session, asked, guessed)


def _cell(session: Session, code: str) -> Iterator[Hit]:
    row = sql.ask(session, CELL, {"code": code}).first()
    if row:
        yield Hit(row.code, "cell", row.lon, row.lat, "code", row.community, row.code)


def _kept(rows: Sequence[Any], regions: Sequence[Any]) -> list[Any]:
    """Return the rows whose name is no part of a longer one, or of a division's."""
    words = {row.word for row in rows} | {row.name for row in regions}
    whole = set(rules.longest(sorted(words, key=len, reverse=True)))
    return [row for row in rows if row.word in whole]


def _guessed(session: Session, asked: Asked) -> list[Any]:
    """Return places called nearly so, or that sound so."""
    found: list[Any] = []
    if asked.latin:
        letters = asked.latin[0]
        binds = {"letters": letters, "after": after_prefix(letters)}
        found += sql.ask(session, SOUND, binds).rows
    limit = 0.0
    for name in asked.names or (asked.text,):
        # One wrong character of three leaves hardly a trigram in common.
        wanted = 0.1 if len(name) < 5 else 0.2
        if wanted != limit:
            session.execute(text("SELECT set_limit(:least)"), {"least": wanted})
        limit = wanted
        binds = {"needle": name, "pinyin": pinyin(name)[0]}
        found += sql.ask(session, ALIKE, binds).rows
    return found


def _named(session: Session, asked: Asked, rows: Sequence[Any]) -> Iterator[Hit]:
    """Yield the places of ``rows``; a street with a number beside its name yields its doors."""
    numbered: dict[Number, list[Any]] = defaultdict(list)
    for row in rows:
        number = _number(asked, row) if row.type == "street" else None
        if number:
            numbered[number].append(row)
        else:
            yield _hit(asked, row)
    for number, streets in numbered.items():
        yield from _doors(session, asked, number, streets[:STREETS_TRIED])


def _number(asked: Asked, row: Any) -> Number | None:
    if row.word in asked.text:
        return rules.number_beside(asked.text, row.word)
    if asked.latin and asked.latin[1] is not None:
        return Number(asked.latin[1])
    numbers = (e.text for e in asked.elements if e.label in rules.NUMBERS)
    return next((door for door in map(rules.door, numbers) if door), None)


def _hit(asked: Asked, row: Any, *, extra: int = 0) -> Hit:
    sounded = asked.latin and row.word not in asked.text
    word = asked.text if sounded else row.word
    share = rules.text_share(asked, word, extra=extra, likeness=row.likeness)
    return Hit(
        row.name, row.type, row.lon, row.lat, row.type, row.division, row.id, share, row.likeness
    )


def _doors(session: Session, asked: Asked, number: Number, streets: Sequence[Any]) -> Iterator[Hit]:
    """Yield the doors with ``number`` on each street; if there is none, the place between two."""
    by_id = {row.id: row for row in streets}
    binds = {"streets": list(by_id), "number": number.number, "sub": number.sub}
    around: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for plate in sql.ask(session, PLATES, binds).rows:
        around[plate.street][plate.place].append(plate)
    extra = len(str(number.number)) + 1 + (len(number.sub) + 1 if number.sub else 0)
    for street, row in by_id.items():
        known = around[street]
        whole = _hit(asked, row, extra=extra)
        if known["here"]:
            yield from (_door(whole, plate) for plate in _best_sub(known["here"], number))
        else:
            yield _between(session, row, whole, number, known)


def _best_sub(plates: Sequence[Any], number: Number) -> Sequence[Any]:
    exact = [plate for plate in plates if plate.sub == number.sub]
    return exact or plates[:1]


def _door(whole: Hit, plate: Any) -> Hit:
    return replace(
        whole,
        label=plate.name,
        type="plate",
        precision="plate",
        lon=plate.lon,
        lat=plate.lat,
        division=plate.division,
        id=plate.id,
    )


def _between(
    session: Session, street: Any, whole: Hit, number: Number, known: dict[str, list[Any]]
) -> Hit:
    """Return where a number must be that is not in the register; the street if nobody knows."""
    ends = [plate for place in ("below", "above") for plate in known[place]]
    ends = [p for p in ends if abs(p.number - number.number) <= FAR_NUMBER]
    if not ends:
        return replace(whole, share=whole.share * 0.8)
    label = rules.door_name(street.name, number.number, number.sub)
    if len(ends) == 1:
        place = Point(ends[0].lon, ends[0].lat)
    else:
        low, high = ends
        way = sql.ask(session, SHAPES, {"ids": [street.id]}).one()
        share = (number.number - low.number) / (high.number - low.number)
        start, end = Point(low.lon, low.lat), Point(high.lon, high.lat)
        place = between(shapely.from_wkb(bytes(way.geom)), start, end, share)
    # A street crosses many communities; the next door lies where this one does.
    nearest = min(ends, key=lambda plate: abs(plate.number - number.number))
    return replace(
        whole,
        label=label,
        division=nearest.division,
        type="plate",
        precision="interpolated",
        lon=place.x,
        lat=place.y,
        id=None,
    )


def _crossings(
    session: Session, asked: Asked, rows: Sequence[Any], guessed: Sequence[Any]
) -> Iterator[Hit]:
    words = list(dict.fromkeys(row.word for row in rows if row.type == "street"))
    words += [row.word for row in guessed if row.type == "street"]
    for row in sql.ask(session, CROSSINGS, {"words": list(dict.fromkeys(words))}).rows:
        share = rules.text_share(asked, row.one_word, extra=len(row.other_word) + 4)
        label = "与".join(sorted((row.one_name, row.other_name))) + "交叉口"
        yield Hit(label, "crossing", row.lon, row.lat, "crossing", row.division, None, share)


def _regions(asked: Asked, regions: Sequence[Any]) -> Iterator[Hit]:
    for row in regions:
        share = similarity(asked.text, row.word)
        yield Hit(row.name, "region", row.lon, row.lat, "region", row.code, row.code, share)


def _distinct(found: Iterable[Hit]) -> list[Hit]:
    """Return the hits without those that say the same of nearly the same place (200 m)."""
    kept: dict[tuple[str, str], list[Hit]] = defaultdict(list)
    for hit in sorted(found, key=lambda h: (-h.share, h.precision != "plate")):
        same = kept[hit.label, hit.type]
        if all(abs(hit.lon - o.lon) + abs(hit.lat - o.lat) > SAME_DEGREES for o in same):
            same.append(hit)
    return [hit for hits in kept.values() for hit in hits]


def _ranked(session: Session, asked: Asked, found: Iterable[Hit]) -> list[Hit]:
    """Return the ten best of ``found``, each once, scored, with the divisions they lie in.

    A street stands before what bears its name: a stop called “柳园路” is found beside the street.
    """
    hits = _distinct(found)
    names = queries.lineages(session, {h.division for h in hits})
    scored = []
    for hit in hits:
        lineage = names.get(hit.division, [])
        above = asked.above if hit.type != "region" else ()
        parents = rules.agreement(above, lineage)
        total = rules.score(hit.share, hit.precision, parents, hit.likeness)
        scored.append(replace(hit, score=total, within="".join(lineage[-3:])))
    best: dict[str, float] = defaultdict(float)
    for hit in scored:
        best[hit.label] = max(best[hit.label], hit.score)
    rank = {h: best[h.label] if h.type == "street" else h.score for h in scored}
    return sorted(scored, key=lambda h: (-rank[h], h.type != "street", h.label, h.lon, h.lat))[
        :MOST
    ]
