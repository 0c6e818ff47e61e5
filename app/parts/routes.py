"""Parts over HTTP, and what lies at a point: cell, beat, street, parts."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel import fields, files
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.http import actor, json_body, once
from app.parts import queries, service
from app.parts.filters import Filters
from app.places import queries as places
from app.places.queries import Named, city_profile

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
    """Return parts by the filters, in order of code; with ``near`` the nearest of a kind."""
    limit = (
        fields.integer(request.args, "limit", least=1, most=200) if "limit" in request.args else 50
    )
    with reading() as session:
        if request.args.get("near"):
            return jsonify(items=_nearest(session, min(limit, 50)), next=None)
        wanted = Filters.read(session, request.args)
        after = fields.text(request.args, "after", most=40)
        page = queries.page(session, wanted, after=after, limit=limit)
    return jsonify(page)


def _nearest(session: Session, most: int) -> list[dict[str, Any]]:
    kind = fields.text(request.args, "kind", required=True, most=12)
    lon, _, lat = fields.text(request.args, "near", most=60).partition(",")
    told = {"lon": lon, "lat": lat}
    at = places.admit(fields.number(told, "lon"), fields.number(told, "lat"), "cgcs2000")
    return queries.nearest(session, queries.kind(session, kind)["id"], *at, most=most)


@bp.get("/parts/<code>")
@requires("part.read")
def show_part(code: str) -> ResponseReturnValue:
    """Return one part of the register, whole, with its history."""
    with reading() as session:
        return jsonify(queries.one(session, code) | {"steps": queries.steps(session, code)})


@bp.post("/parts")
@requires("part.edit")
def add_part() -> ResponseReturnValue:
    """Add a part at a place; the register gives it its code."""
    body = json_body()

    def work(session: Session) -> dict[str, Any]:
        return service.add(
            session,
            kind=fields.text(body, "kind", required=True, most=12),
            geometry=_object(body, "geometry", required=True) or {},
            coord_sys=fields.text(body, "coord_sys", most=12) or "cgcs2000",
            changes=_object(body, "changes") or {},
            reason=fields.text(body, "reason", most=400),
            actor=actor(),
            profile=city_profile(session),
        )

    return jsonify(once(work, body)), 201


@bp.post("/parts/<code>/steps")
@requires("part.edit")
def edit_part(code: str) -> ResponseReturnValue:
    """Change fields, state or place of a part; ``seen`` is the version that was looked at."""
    body = json_body()

    def work(session: Session) -> dict[str, Any]:
        return service.edit(
            session,
            code,
            changes=_object(body, "changes") or {},
            geometry=_object(body, "geometry"),
            coord_sys=fields.text(body, "coord_sys", most=12) or "cgcs2000",
            reason=fields.text(body, "reason", most=400),
            seen=fields.integer(body, "seen", least=1),
            actor=actor(),
            profile=city_profile(session),
        )

    return jsonify(once(work, body)), 201


def _object(body: dict[str, Any], name: str, *, required: bool = False) -> dict[str, Any] | None:
    found = body.get(name)
    if found is None and not required:
        return None
    if not isinstance(found, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field=name).about(name)
    return found


@bp.post("/parts/<code>/photos")
@requires("part.edit")
def add_part_photo(code: str) -> ResponseReturnValue:
    """Keep a photo of a part in its history."""
    sent = request.files.get("file")
    if sent is None:
        raise Refused(sentence("Send the photo as the form field “file”.")).about("file")
    with reading() as session:
        queries.one(session, code)
    stored = files.store(current_app.config["FILES"], sent.read())
    told = {"sha256": stored.original_sha256}
    found = once(lambda session: service.add_photo(session, code, stored, actor=actor()), told)
    return jsonify(found), 201


@bp.get("/parts/<code>/photos/<uuid:photo>")
@requires("part.read")
def show_part_photo(code: str, photo: UUID) -> ResponseReturnValue:
    """Send a photo of a part; ``size=thumb`` the small one."""
    with reading() as session:
        name = queries.photo(session, code, photo)
    if name is None:
        raise NotFound(sentence("There is no such photo, or it is not yours to see."))
    thumb = request.args.get("size") == "thumb"
    path = files.path_of(current_app.config["FILES"], name, thumb=thumb)
    answer = send_file(path, mimetype="image/jpeg", max_age=86_400, conditional=True)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return answer


@bp.post("/part-kinds/<kind>")
@requires("part.edit")
def edit_part_kind(kind: str) -> ResponseReturnValue:
    """Set geometry kind and accuracy class of a kind of parts."""
    body = json_body()
    actor().require_whole_city()

    def edit(session: Session) -> dict[str, Any]:
        service.edit_kind(
            session,
            kind,
            geometry=fields.text(body, "geometry", required=True, most=10),
            accuracy_class=fields.text(body, "accuracy_class", required=True, most=1),
            actor=actor(),
        )
        return queries.kind(session, kind)

    return jsonify(once(edit, body)), 201
