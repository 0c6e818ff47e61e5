"""Parts over HTTP, and what lies at a point: cell, beat, street, parts."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.catalogue.queries import handbook
from app.kernel import fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.fields import box
from app.parts import queries
from app.places import queries as places
from app.places.queries import Named

bp = Blueprint("parts", __name__, url_prefix="/api/v1")


@bp.get("/locate")
@requires("place.read")
def locate() -> ResponseReturnValue:
    """Return the cell, beat, community, street, district, address and parts at a point."""
    system = fields.text(request.args, "coord_sys", most=12) or "cgcs2000"
    lon, lat = fields.number(request.args, "lon"), fields.number(request.args, "lat")
    lon, lat = places.admit(lon, lat, system)
    with reading() as session:
        place = places.locate(session, lon, lat)
        near = queries.near(session, lon, lat)
    return jsonify(
        lon=lon,
        lat=lat,
        cell=place.cell,
        beat=_named(place.beat),
        community=_named(place.community),
        street=_named(place.street),
        district=_named(place.district),
        address=place.address,
        parts=near,
    )


def _named(place: Named | None) -> dict[str, str] | None:
    return {"code": place.code, "name": place.name} if place else None


@bp.get("/parts")
@requires("part.read")
def list_parts() -> ResponseReturnValue:
    """Return parts in a box, of a kind, or by code and name, in order of code."""
    wanted = fields.text(request.args, "kind", most=12)
    limit = (
        fields.integer(request.args, "limit", least=1, most=200) if "limit" in request.args else 50
    )
    with reading() as session:
        kinds = [handbook(session).kind(wanted, with_part=True).id] if wanted else None
        page = queries.page(
            session,
            bbox=box(request.args),
            kinds=kinds,
            q=fields.text(request.args, "q", most=60),
            cell=fields.text(request.args, "cell", most=20),
            after=fields.text(request.args, "after", most=40),
            limit=limit,
        )
    return jsonify(page)


@bp.get("/parts/<code>")
@requires("part.read")
def show_part(code: str) -> ResponseReturnValue:
    """Return one part of the register."""
    with reading() as session:
        return jsonify(queries.one(session, code))
