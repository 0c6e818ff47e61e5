"""Zones (开发区, 高新区, 度假区) beside the code tree, with the powers of a district.

A zone's code begins with Z, which no national code does (docs/adr/0010).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.places.service import FRESHEN, LOCK
from grid_codes.divisions import LENGTHS, Level

LISTED = text(
    "SELECT z.code, z.name, ST_Area(z.geom::geography) AS area_m2, ST_XMin(z.geom) AS w,"
    " ST_YMin(z.geom) AS s, ST_XMax(z.geom) AS e, ST_YMax(z.geom) AS n,"
    " ARRAY(SELECT m.member FROM zone_members m WHERE m.zone = z.code ORDER BY 1) AS members"
    " FROM zones z ORDER BY z.code LIMIT 500"
)
UNKNOWN = text(
    "SELECT m FROM unnest(CAST(:members AS text[])) m"
    " WHERE NOT EXISTS (SELECT FROM cells c WHERE c.code = m)"
    "   AND NOT EXISTS (SELECT FROM divisions d WHERE d.code = m) ORDER BY m LIMIT 1"
)
TAKEN = text(
    "SELECT z.member, z.zone FROM zone_members z, unnest(CAST(:members AS text[])) m"
    " WHERE z.zone <> :code AND (starts_with(z.member, m) OR starts_with(m, z.member))"
    " ORDER BY z.member LIMIT 1"
)
FORMER = text(
    "SELECT member FROM zone_members m JOIN cells c ON c.code = m.member"
    " WHERE m.zone = :code AND c.ended_on IS NOT NULL"
)
DRAWN = text(
    "SELECT ST_Multi(ST_Union(g)) FROM ("
    " SELECT a.geom AS g FROM areas a WHERE a.code = ANY(:members)"
    " UNION ALL SELECT c.geom FROM cells c, unnest(CAST(:members AS text[])) m"
    " WHERE c.ended_on IS NULL AND c.code >= m AND c.code < m || '~') ground"
)
STORE = text(
    "INSERT INTO zones (code, name, geom) VALUES (:code, :name, :geom)"
    " ON CONFLICT (code) DO UPDATE SET name = excluded.name, geom = excluded.geom"
)
LAST = text("SELECT max(code) FROM zones WHERE starts_with(code, :city)")
ROUTES_HERE = text("SELECT count(*) FROM routes WHERE area = :code")
PEOPLE_HERE = text("SELECT count(*) FROM people WHERE area = :code AND active")


def listed(session: Session) -> list[dict[str, Any]]:
    """Return all zones by code, with their members."""
    return [dict(row) for row in session.execute(LISTED).mappings()]


def store(
    session: Session, actor: Actor, *, code: str | None, name: str, members: Sequence[str]
) -> dict[str, Any]:
    """Make or change a zone of divisions and cells; return its ``code``.

    Raises ``Refused`` for members that do not exist or have no ground, and ``Conflict`` if one
    lies in another zone already: a place is in one zone at most.
    """
    session.execute(LOCK)
    chosen = _outermost(members)
    for member in chosen:
        actor.require("place.edit", at=member)
    if len(min(chosen, key=len)) < LENGTHS[Level.DISTRICT]:
        raise Refused(
            sentence("A zone is made of districts, streets, communities and cells.")
        ).about("members")
    unknown = session.execute(UNKNOWN, {"members": chosen}).scalar()
    if unknown:
        raise Refused(sentence("There is no division and no cell %(code)s."), code=unknown).about(
            "members"
        )
    if code:
        _require_all(session, actor, code)
    code = code or _next_code(session, chosen[0])
    taken = session.execute(TAKEN, {"members": chosen, "code": code}).first()
    if taken:
        raise Conflict(
            sentence("%(member)s belongs to zone %(zone)s already."),
            member=taken.member,
            zone=taken.zone,
        )
    _write(session, code, name, chosen)
    audit.note(session, actor, "zone.store", f"{code}: {' '.join(chosen)}")
    return {"code": code, "name": name, "members": chosen}


def _require_all(session: Session, actor: Actor, code: str) -> None:
    """Raise unless zone ``code`` exists and all it is made of lies in the actor's area."""
    asked = text("SELECT member FROM zone_members WHERE zone = :code FOR UPDATE")
    members = session.scalars(asked, {"code": code}).all()
    if not members:
        raise NotFound(sentence("There is no zone %(zone)s."), zone=code)
    for member in members:
        actor.require("place.edit", at=member)


def _outermost(members: Sequence[str]) -> list[str]:
    """Return ``members`` without those that lie in another of them."""
    given = sorted({m.strip() for m in members if m.strip()})
    found: list[str] = []
    for member in given:
        if not found or not member.startswith(found[-1]):
            found.append(member)
    if not found:
        raise Refused(sentence("A zone needs at least one division or cell.")).about("members")
    return found


def _next_code(session: Session, member: str) -> str:
    """Return the next code of the city's zones: Z, the city, a serial of two digits."""
    city = f"Z{member[:4]:0<4}"
    last = session.execute(LAST, {"city": city}).scalar()
    serial = int(last[-2:]) + 1 if last else 1
    if serial > 99:
        raise Refused(sentence("This city has 99 zones already; there are no codes left."))
    return f"{city}{serial:02d}"


def _write(session: Session, code: str, name: str, members: Sequence[str]) -> None:
    geom = session.execute(DRAWN, {"members": list(members)}).scalar()
    if geom is None:
        raise Refused(
            sentence("The members of the zone have no area and no cells yet. Import or draw them.")
        ).about("members")
    former = list(session.scalars(FORMER, {"code": code}))
    twin = session.execute(
        text("SELECT code FROM zones WHERE name = :name AND code <> :code"),
        {"name": name, "code": code},
    ).scalar()
    if twin:
        raise Refused(sentence("Zone %(zone)s has this name already."), zone=twin).about("name")
    session.execute(STORE, {"code": code, "name": name, "geom": geom})
    session.execute(text("DELETE FROM zone_members WHERE zone = :code"), {"code": code})
    rows = [{"zone": code, "member": member} for member in {*members, *former}]
    session.execute(text("INSERT INTO zone_members (zone, member) VALUES (:zone, :member)"), rows)
    # The routing table knows zones by their members.
    session.execute(FRESHEN, {"names": ["zones", "catalogue"]})


def remove(session: Session, actor: Actor, code: str) -> None:
    """Take a zone away; refused while routes or people have it as their area."""
    bound = {"code": code}
    _require_all(session, actor, code)
    used = [session.execute(ask, bound).scalar_one() for ask in (ROUTES_HERE, PEOPLE_HERE)]
    if any(used):
        raise Refused(
            sentence("%(routes)s routes and %(people)s people have this zone as their area."),
            routes=used[0],
            people=used[1],
        )
    session.execute(text("DELETE FROM zones WHERE code = :code"), bound)
    session.execute(FRESHEN, {"names": ["zones", "catalogue"]})
    audit.note(session, actor, "zone.remove", code)
