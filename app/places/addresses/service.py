"""Writing the register of addresses: adding, changing, ending; the words places are found by."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from psycopg2.extras import execute_values
from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit, fields, sql
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.places.addresses import queries, rules
from app.places.addresses.words import normalise, pinyin
from gis.admit import admit_geojson
from gis.linear import side

HERE = Path(__file__).parent
GEOMETRIES: Mapping[str, tuple[str, ...]] = {
    "region": ("Polygon", "MultiPolygon", "Point"),
    "tract": ("Polygon", "MultiPolygon", "Point"),
    "block": ("Polygon", "MultiPolygon", "Point"),
    "street": ("LineString", "MultiLineString"),
    "plate": ("Point", "Polygon", "MultiPolygon"),
    "poi": ("Point", "Polygon", "MultiPolygon"),
}
"""What each type is drawn as (GB/T 30428.3): areas, lines, points."""

WORDLESS = text(
    "SELECT a.id, a.type, a.name, a.alias, a.former FROM addresses a"
    " WHERE (a.type <> 'plate' OR a.alias <> '{}' OR a.former <> '{}')"
    " AND NOT EXISTS (SELECT FROM address_words w WHERE w.address = a.id)"
)
NAMED = text("SELECT id, type, name, alias, former FROM addresses WHERE id = :id")
KEEP_WORDS = (
    "INSERT INTO address_words (address, word, how, pinyin, initials) VALUES %s"
    " ON CONFLICT DO NOTHING"
)
SERIAL = (
    "INSERT INTO address_serials AS s (division, type, last) VALUES (:district, :type, 1)"
    " ON CONFLICT (division, type) DO UPDATE SET last = s.last + 1 RETURNING s.last"
)
WHERE = sql.read(HERE, "where")
ADD = text(sql.read(HERE, "add_address"))
CHANGE = text(sql.read(HERE, "change_address"))
LOCK = text("SELECT version, ended_on, type FROM addresses WHERE id = :id FOR UPDATE")
JOURNAL = text(
    "INSERT INTO address_changes (address, actor_id, action, before, after)"
    " VALUES (:id, :actor, :action, CAST(:before AS jsonb), CAST(:after AS jsonb))"
)
UNCROSS = text(
    "DELETE FROM crossings WHERE CAST(:only AS text) IS NULL OR one = :only OR other = :only"
)
RECROSS = text(sql.read(HERE, "recross"))
NOWHERE = "990000"
"""The division that ``where.sql`` gives to what lies in none."""
NEAR = text(
    "SELECT 1 FROM areas"
    " WHERE geom && ST_Expand(ST_SetSRID(CAST(:geom AS geometry), 4490), 0.05) LIMIT 1"
)
MEETING, APART = 0.0001, 0.0006
"""Degrees: two streets meet that were drawn 10 m short; crossings 60 m apart are two."""
END = text(
    "UPDATE addresses SET state = 'ended', ended_on = current_date, changed_on = current_date,"
    " version = version + 1 WHERE id = :id"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a form says of a place; ``shape`` is in EPSG:4490."""

    type: str
    name: str
    alias: tuple[str, ...]
    former: tuple[str, ...]
    street: str | None
    number: int | None
    sub: str
    unit: str
    category: str
    note: str
    shape: BaseGeometry


def read(body: Mapping[str, Any]) -> Place:
    """Return the place that ``body`` describes, or raise what is wrong with it."""
    kind = fields.text(body, "type", required=True, most=10)
    if kind not in rules.TYPES:
        raise Refused(sentence("“%(value)s” is not one of the choices."), value=kind).about("type")
    shape = body.get("geometry")
    if not isinstance(shape, dict):
        raise Refused(sentence("“%(field)s” is missing."), field="geometry").about("geometry")
    coord_sys = fields.text(body, "coord_sys", most=12) or "cgcs2000"
    geometry = admit_geojson(shape, types=GEOMETRIES[kind], coord_sys=coord_sys)
    door = rules.door(str(body.get("number") or ""))
    return Place(
        type=kind,
        name=fields.text(body, "name", most=80, required=kind != "plate"),
        alias=_texts(body, "alias"),
        former=_texts(body, "former"),
        street=fields.text(body, "street", most=20) or None,
        number=door.number if door else None,
        sub=door.sub if door else "",
        unit=fields.text(body, "unit", most=20),
        category=fields.text(body, "category", most=40),
        note=fields.text(body, "note", most=400),
        shape=geometry,
    )


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    given = body.get(name) or []
    if isinstance(given, str):
        given = given.replace("，", ",").replace("、", ",").split(",")
    if not isinstance(given, list) or len(given) > 20:
        raise Refused(
            sentence("“%(field)s” must be a list of at most %(most)s."), field=name, most=20
        ).about(name)
    told = (fields.text({name: one}, name, most=80) for one in given)
    return tuple(dict.fromkeys(word for word in told if word))


def add(session: Session, actor: Actor, place: Place) -> str:
    """Store a new place and return its id."""
    binds = _binds(session, place)
    _require_near(session, binds)
    _require_at(actor, binds)
    serial = sql.ask(session, SERIAL, binds).one().last
    number = f"{binds['district']}{rules.TYPE_CODES[place.type]}{serial:06d}"
    session.execute(ADD, {**binds, "id": number})
    _settle(session, actor, number, "add", None, place)
    return number


def change(session: Session, actor: Actor, number: str, place: Place, *, seen: int) -> None:
    """Store what has changed of a place; its former name is kept as one.

    Raises ``Conflict`` if it was changed since ``seen``, with the place as it is now.
    """
    before = _locked(session, actor, number, seen)
    if before["type"] != place.type:
        raise Refused(sentence("The type of a place cannot be changed: end it and add another."))
    former = place.former
    if place.type != "plate" and before["name"] != place.name:
        former = tuple(dict.fromkeys((*former, before["name"])))
    binds = _binds(session, place)
    _require_near(session, binds)
    _require_at(actor, binds)
    session.execute(CHANGE, {**binds, "id": number, "former": list(former)})
    session.execute(text("DELETE FROM address_words WHERE address = :id"), {"id": number})
    _settle(session, actor, number, "change", before, place)


def end(session: Session, actor: Actor, number: str, *, seen: int) -> None:
    """End a place: it stays in the register with its history, but is found no more."""
    before = _locked(session, actor, number, seen)
    session.execute(END, {"id": number})
    session.execute(UNCROSS, {"only": number})
    _journal(session, actor, number, "end", before)


def _require_near(session: Session, place: Mapping[str, Any]) -> None:
    """Raise ``Refused`` if a place lies far from every division: 0, 0 is no place of a city.

    A street may leave the city, and a register may name what lies just behind its border.
    """
    if place["division"] == NOWHERE and session.execute(NEAR, place).first() is None:
        raise Refused(
            sentence("This place lies in no district of the city. Choose one inside.")
        ).about("geometry")


def _require_at(actor: Actor, place: Mapping[str, Any]) -> None:
    """Raise unless a place lies in the actor's area, by its cell or else its division."""
    actor.require("place.edit", at=place["cell"] or place["division"])


def _locked(session: Session, actor: Actor, number: str, seen: int) -> dict[str, Any]:
    row = session.execute(LOCK, {"id": number}).first()
    if row is None:
        raise NotFound(sentence("There is no such place."), place=number)
    present = queries.one(session, number)
    _require_at(actor, present)
    if row.ended_on is not None:
        raise Refused(sentence("This place has ended and cannot be changed any more."))
    if row.version != seen:
        conflict = Conflict(sentence("Somebody has changed this place since you opened it."))
        conflict.current = present
        raise conflict
    return present


def _binds(session: Session, place: Place) -> dict[str, Any]:
    """Return what is stored of a place, with its point, division, cell, side and full name."""
    geom = shapely.to_wkb(place.shape, hex=True)
    where = sql.ask(session, WHERE, {"geom": geom}).one()
    street = _street(session, place)
    point = Point(where.lon, where.lat)
    full = place.name
    if street is not None:
        full = rules.door_name(street.name, place.number or 0, place.sub)
    return {
        "type": place.type,
        "name": full,
        "alias": list(place.alias),
        "former": list(place.former),
        "division": where.division,
        "district": where.division[:6],
        "cell": where.cell,
        "street": street.id if street is not None else None,
        "number": place.number,
        "sub": place.sub,
        "unit": place.unit,
        "side": side(shapely.from_wkb(bytes(street.geom)), point) if street is not None else None,
        "category": place.category,
        "note": place.note,
        "geom": geom,
    }


def _street(session: Session, place: Place) -> Any:
    """Return the street of a door plate, None for other types; refuse a plate without one."""
    if place.type != "plate":
        return None
    if place.number is None:
        raise Refused(sentence("A door plate needs a number, like 26 or 26-3.")).about("number")
    rows = sql.ask(session, queries.STREET, {"id": place.street}).rows
    if not rows:
        raise Refused(sentence("Choose the street that the door plate belongs to.")).about("street")
    return rows[0]


def _settle(
    session: Session,
    actor: Actor,
    number: str,
    action: str,
    before: dict[str, Any] | None,
    place: Place,
) -> None:
    keep_words(session, session.execute(NAMED, {"id": number}).all())
    if place.type == "street":
        recross(session, only=number)
    _journal(session, actor, number, action, before)


def _journal(
    session: Session, actor: Actor, number: str, action: str, before: dict[str, Any] | None
) -> None:
    after = queries.one(session, number)
    session.execute(
        JOURNAL,
        {
            "id": number,
            "actor": actor.person_id,
            "action": action,
            "before": _json(before),
            "after": _json(after),
        },
    )
    audit.note(session, actor, f"address.{action}", number)


def _json(told: dict[str, Any] | None) -> str | None:
    return None if told is None else json.dumps(told, ensure_ascii=False, default=str)


def recross(session: Session, *, only: str | None = None) -> None:
    """Find the crossings of all streets anew, or of the street ``only``."""
    session.execute(UNCROSS, {"only": only})
    session.execute(RECROSS, {"only": only, "reach": MEETING, "apart": APART})


def index_words(session: Session) -> int:
    """Store the words of every place that has none yet, and return of how many places."""
    found = session.execute(WORDLESS).all()
    keep_words(session, found)
    return len(found)


def keep_words(session: Session, named: Iterable[Any]) -> None:
    """Store the words that the places in ``named`` (id, type, name, alias, former) are found by."""
    lines = []
    for row in named:
        known = [] if row.type == "plate" else [(row.name, "name")]
        known += [(word, "alias") for word in row.alias] + [(word, "former") for word in row.former]
        for name, how in known:
            word = normalise(name).casefold()
            if word:
                lines.append((row.id, word, how, *pinyin(word)))
    if lines:
        raw: Any = session.connection().connection.cursor()
        execute_values(raw, KEEP_WORDS, lines, page_size=2_000)
