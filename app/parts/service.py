"""Writing the register of parts: one part at a time, each change a line of its history."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.catalogue.queries import handbook
from app.kernel import audit, queue, sql
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.kernel.files import Stored
from app.parts import queries, rules
from app.places.queries import SWAPPED
from gis.admit import admit_geojson
from grid_codes.profiles import Profile, part_code

HERE = Path(__file__).parent
RECOUNT = sql.read(HERE, "recount")
FINEST = 13
"""The nearest zoom that is drawn from counts; each coarser one is summed from it."""
LOCK = (
    "SELECT p.*, ST_AsEWKB(p.geom) AS shape, k.geometry AS wanted FROM parts p"
    " JOIN kinds k ON k.id = p.kind WHERE p.code = :code FOR UPDATE OF p"
)
PLACED = sql.read(HERE, "place_of_shape")
ADD = sql.read(HERE, "add_part")
NOTE = (
    "INSERT INTO part_steps (part, position, actor_id, action, reason, changes, photos)"
    " VALUES (:part, :position, :actor, :action, :reason, CAST(:changes AS jsonb),"
    " CAST(:photos AS jsonb))"
)
NEXT_SERIAL = sql.read(HERE, "next_serial")
KEEP_PHOTO = (
    "INSERT INTO photos"
    " (sha256, original_sha256, bytes, width, height, taken_at, place, uploader_id)"
    " VALUES (:sha256, :original_sha256, :bytes, :width, :height, :taken_at,"
    " ST_SetSRID(ST_MakePoint(:lon, :lat), 4490), :uploader) RETURNING id::text AS id"
)
FRESHEN = text("UPDATE versions SET n = n + 1 WHERE name = 'parts'")
TYPES = ("Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon")


def recount(sessions: sessionmaker[Session]) -> None:
    """Sum the parts for the tiles below zoom 14, in one transaction, and freshen the layer."""
    with sessions.begin() as session:
        session.execute(text("SET LOCAL statement_timeout = '10min'"))
        # Two counts at once would each add their rows: neither sees what the other adds.
        session.execute(text("SELECT pg_advisory_xact_lock(715, 3)"))
        session.execute(text("DELETE FROM part_counts"))
        session.execute(text(RECOUNT), {"finest": FINEST})
        for z in range(FINEST - 1, -1, -1):
            session.execute(COARSER, {"z": z})
        session.execute(FRESHEN)


COARSER = text(
    "INSERT INTO part_counts (z, gx, gy, n, geom3857)"
    " SELECT :z, gx / 2, gy / 2, sum(n), ST_SetSRID(ST_MakePoint("
    "   sum(ST_X(geom3857) * n) / sum(n), sum(ST_Y(geom3857) * n) / sum(n)), 3857)"
    " FROM part_counts WHERE z = :z + 1 GROUP BY gx / 2, gy / 2"
)


def freshen(session: Session) -> None:
    """Have the map drawn anew: the tiles at once, the counts for far zooms in the background."""
    session.execute(FRESHEN)
    queue.defer(session, "count_parts", dedupe="all")


def add(
    session: Session,
    *,
    kind: str,
    geometry: Mapping[str, Any],
    coord_sys: str,
    changes: Mapping[str, Any],
    reason: str,
    actor: Actor,
    profile: Profile,
) -> dict[str, Any]:
    """Add one part where ``geometry`` (GeoJSON) lies, under the next code there; return it whole.

    Raises ``GeometryFault`` for a shape that cannot be, ``Refused`` for one that does not fit the
    kind or lies in no district.
    """
    found = queries.kind(session, kind)
    told = rules.checked(changes)
    _check_owner(session, told)
    shape = _shape(geometry, coord_sys, found["geometry"])
    place = _place(session, shape, profile)
    actor.require("part.edit", at=place.cell or place.division)
    first = place.division + found["code"]
    serial = sql.ask(
        session,
        NEXT_SERIAL,
        {"division": place.division, "kind": found["id"], "first": first, "end": f"{first}:"},
    ).one()
    code = part_code(profile, place.division, found["code"], serial.last)
    row = {**DEFAULTS, "name": found["name"], **told, "code": code, "kind": found["id"]}
    sql.ask(session, ADD, {**row, "cell": place.cell, "geom": shape})
    _note(session, code, 1, "add", reason, {}, [], actor)
    audit.note(session, actor, "part.add", code)
    freshen(session)
    return queries.one(session, code)


DEFAULTS: Mapping[str, Any] = {
    "owner": None,
    "external_id": None,
    "title_code": "",
    "title_name": "",
    "upkeep_code": "",
    "upkeep_name": "",
    "state": "intact",
    "begun_on": None,
    "source": "surveyed",
    "note": "",
}


def _shape(geometry: Mapping[str, Any], coord_sys: str, wanted: str | None) -> str:
    """Return a stranger's shape as EWKB in hex, or raise what is wrong with it."""
    found = admit_geojson(geometry, types=TYPES, coord_sys=coord_sys)
    if unfit := rules.misfit(found.geom_type, wanted):
        raise Refused(unfit.message, **unfit.facts).about("geometry")
    return f"SRID=4490;{found.wkt}"


def _place(session: Session, shape: str, profile: Profile) -> Any:
    """Return cell and division of a shape, or raise ``Refused`` if it is in no known district."""
    length = profile.part_lengths[0]
    place = sql.ask(session, PLACED, {"geom": shape, "length": length}).one()
    if place.division is None:
        turned = {"geom": _turned_round(session, shape), "length": length}
        swapped = sql.ask(session, PLACED, turned).one().division
        outside = sentence("This place lies in no district of the city. Choose one inside.")
        raise Refused(SWAPPED if swapped else outside).about("geometry")
    return place


def _turned_round(session: Session, shape: str) -> str:
    asked = text("SELECT ST_AsEWKT(ST_FlipCoordinates(CAST(:g AS geometry)))")
    found: str = session.execute(asked, {"g": shape}).scalar_one()
    return found


def _check_owner(session: Session, told: Mapping[str, Any]) -> None:
    owner = told.get("owner")
    if owner and owner not in handbook(session).departments:
        raise Refused(sentence("There is no department “%(department)s”."), department=owner).about(
            "owner"
        )


def edit(
    session: Session,
    code: str,
    *,
    changes: Mapping[str, Any],
    geometry: Mapping[str, Any] | None,
    coord_sys: str,
    reason: str,
    seen: int,
    actor: Actor,
    profile: Profile,
) -> dict[str, Any]:
    """Change fields or the place of a part, note what was before, and return it whole.

    ``seen`` is the version the person looked at; another one raises ``Conflict`` with the part
    as it is now.
    """
    row = _locked(session, code, seen, actor)
    told = rules.checked(changes)
    _check_owner(session, told)
    if told.get("state", row.state) != row.state and not reason:
        raise Refused(sentence("Say why the state changes.")).about("reason")
    cell = row.cell
    if geometry is not None:
        told["geom"] = _shape(geometry, coord_sys, row.wanted)
        place = _place(session, told["geom"], profile)
        actor.require("part.edit", at=place.cell or place.division)
        cell = place.cell
    turned = _turned(session, row, told)
    if turned:
        _write(session, row, told, cell)
        _note(session, code, row.version + 1, "edit", reason, turned, [], actor)
        audit.note(session, actor, "part.edit", code, result=", ".join(turned)[:200])
        freshen(session)
    return queries.one(session, code)


def _locked(session: Session, code: str, seen: int | None, actor: Actor) -> Any:
    row = sql.ask(session, LOCK, {"code": code}).first()
    if row is None:
        raise NotFound(sentence("There is no part with this code."), part=code)
    # A part in no cell is where its code says: that begins with the division.
    actor.require("part.edit", at=row.cell or code)
    if seen is not None and row.version != seen:
        fault = Conflict(sentence("Somebody changed this part since you opened it."))
        fault.current = queries.one(session, code)
        raise fault
    return row


def _turned(session: Session, row: Any, told: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return ``{field: [from, to]}`` of what really changes."""
    found: dict[str, list[Any]] = {}
    for name, value in told.items():
        before, after = _before(row, name), value
        if name == "geom":
            asked = text("SELECT encode(ST_AsEWKB(CAST(:g AS geometry)), 'hex')")
            after = session.execute(asked, {"g": value}).scalar_one()
        if before != after:
            found[name] = [before, after]
    return found


def _before(row: Any, name: str) -> Any:
    if name == "geom":
        return bytes(row.shape).hex()
    return row.begun_on.isoformat() if name == "begun_on" else getattr(row, name)


def _write(session: Session, row: Any, told: Mapping[str, Any], cell: str | None) -> None:
    sets = [f"{name} = :{name}" for name in told if name in {*rules.EDITABLE, "geom"}]
    statement = (
        f"UPDATE parts SET {', '.join(sets)}, cell = :cell, version = version + 1,"  # noqa: S608
        " changed_on = current_date WHERE code = :code"
    )
    session.execute(text(statement), {**told, "cell": cell, "code": row.code})


def _note(
    session: Session,
    code: str,
    position: int,
    action: str,
    reason: str,
    changes: Mapping[str, Any],
    photos: list[str],
    actor: Actor,
) -> None:
    sql.ask(
        session,
        NOTE,
        {
            "part": code,
            "position": position,
            "actor": actor.person_id,
            "action": action,
            "reason": reason,
            "changes": json.dumps(changes, ensure_ascii=False),
            "photos": json.dumps(photos),
        },
    )


def add_photo(session: Session, code: str, stored: Stored, *, actor: Actor) -> dict[str, Any]:
    """Keep a photo that lies on disk as a line of the part's history; return the part whole."""
    row = _locked(session, code, None, actor)
    facts = {name: getattr(stored, name) for name in Stored.__slots__}
    kept = session.execute(text(KEEP_PHOTO), {**facts, "uploader": actor.person_id}).scalar_one()
    session.execute(
        text("UPDATE parts SET version = version + 1 WHERE code = :code"), {"code": code}
    )
    _note(session, code, row.version + 1, "photo", "", {}, [kept], actor)
    audit.note(session, actor, "part.photo", code)
    return queries.one(session, code)


def edit_kind(
    session: Session, given: str, *, geometry: str, accuracy_class: str, actor: Actor
) -> None:
    """Set how the parts of a kind are drawn and how exact their positions must be."""
    found = queries.kind(session, given)
    if geometry not in rules.GEOMETRIES:
        raise Refused(sentence("Choose point, line or polygon.")).about("geometry")
    if accuracy_class not in rules.ACCURACY:
        raise Refused(sentence("Choose accuracy class A, B or C.")).about("accuracy_class")
    session.execute(
        text("UPDATE kinds SET geometry = :g, accuracy_class = :a WHERE id = :id"),
        {"g": geometry, "a": accuracy_class, "id": found["id"]},
    )
    audit.note(session, actor, "kind.edit", found["id"], result=f"{geometry} {accuracy_class}")
