"""Divisions, cells, beats and zones over HTTP: reading, changing, and asking for long work."""

from collections.abc import Mapping
from typing import Any

import shapely
from flask import Blueprint, Response, current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel import audit, fields, queue, uploads
from app.kernel.auth import requires
from app.kernel.db import reading, transaction
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.http import actor, json_body, once, request_key
from app.kernel.i18n import translate
from app.places import areas, beats, cells, divisions, service, zones
from app.places.queries import city_profile
from app.places.service import Order
from gis.admit import admit_geojson
from grid_codes.divisions import LENGTHS, Level, level_of

bp = Blueprint("places", __name__, url_prefix="/api/v1")
VERBS = ("split", "merge", "move", "renumber")
LEAST_TARGET, MOST_TARGET = 400.0, 500_000.0
MOST_CELLS = 2_000


def _one_of(body: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    given = fields.text(body, name, required=True, most=40)
    if given not in known:
        raise Refused(
            sentence("“%(field)s” must be one of: %(known)s."), field=name, known=", ".join(known)
        ).about(name)
    return given


def _texts(body: Mapping[str, Any], name: str) -> list[str]:
    given = body.get(name) or []
    fits = isinstance(given, list) and len(given) <= MOST_CELLS
    if not fits or not all(isinstance(one, str) and 0 < len(one) <= 20 for one in given):
        raise Refused(
            sentence("“%(field)s” must be a list of codes, at most %(most)s."),
            field=name,
            most=MOST_CELLS,
        ).about(name)
    return sorted(set(given))


def _within(body: Mapping[str, Any]) -> str:
    """Return the code of a division somebody may edit."""
    code = fields.text(body, "within", required=True, most=12)
    level_of(code)
    actor().require("place.edit", at=code)
    return code


def _prefix(name: str) -> str:
    """Return the beginning of a code given in the address."""
    given = fields.text(request.args, name, most=20)
    if given and not given.isalnum():
        raise Refused(sentence("“%(field)s” must be a code."), field=name).about(name)
    return given


def _limit(usual: int) -> int:
    if "limit" not in request.args:
        return usual
    return fields.integer(request.args, "limit", least=1, most=200)


def _xy(body: Mapping[str, Any], name: str) -> tuple[float, float]:
    document = {"type": "Point", "coordinates": body.get(name)}
    point = admit_geojson(document, types=("Point",), coord_sys=_system(body))
    x, y = shapely.get_coordinates(point)[0].tolist()
    return x, y


def _line(body: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    document = {"type": "LineString", "coordinates": body.get("line")}
    line = admit_geojson(document, types=("LineString",), coord_sys=_system(body), max_vertices=500)
    return tuple((float(x), float(y)) for x, y in line.coords)


def _system(body: Mapping[str, Any]) -> str:
    return fields.text(body, "coord_sys", most=12) or "cgcs2000"


@bp.get("/divisions")
@requires("place.read")
def list_divisions() -> ResponseReturnValue:
    """Return the divisions below ``parent``, or those whose name or code fits ``q``."""
    words = fields.text(request.args, "q", most=40)
    with reading() as session:
        if words:
            return jsonify(divisions.search(session, words, limit=_limit(50)))
        after = fields.text(request.args, "after", most=20)
        parent = _prefix("parent")
        return jsonify(divisions.children(session, parent, after=after, limit=_limit(200)))


@bp.get("/cells")
@requires("place.read")
def list_cells() -> ResponseReturnValue:
    """Return the cells in use whose code begins with ``within``, by code."""
    with reading() as session:
        after = fields.text(request.args, "after", most=20)
        found = cells.page(session, _prefix("within"), after=after, limit=_limit(100))
        return jsonify(found)


@bp.get("/cells/shapes")
@requires("place.read")
def show_shapes() -> ResponseReturnValue:
    """Return the cells in a box as GeoJSON, at most 400: what an editor works on."""
    box = fields.box(request.args)
    if box is None:
        raise Refused(sentence("“%(field)s” is missing."), field="bbox").about("bbox")
    with reading() as session:
        return jsonify(cells.shapes(session, box))


@bp.get("/cells/<code>")
@requires("place.read")
def show_cell(code: str) -> ResponseReturnValue:
    """Return one cell, in use or ended, with the codes before and after it."""
    with reading() as session:
        return jsonify(cells.one(session, code))


@bp.get("/cells/edits")
@requires("place.edit")
def list_edits() -> ResponseReturnValue:
    """Return the newest changes of the grid below ``within``, and which can be undone."""
    with reading() as session:
        return jsonify(items=cells.edits(session, _prefix("within"), most=_limit(30)))


@bp.post("/cells/edits")
@requires("place.edit")
def edit_cells() -> ResponseReturnValue:
    """Split, merge or renumber cells, or move a vertex that they share."""
    body = json_body()
    verb = _one_of(body, "verb", VERBS)
    order = Order(
        verb,
        tuple(_texts(body, "cells")),
        line=_line(body) if verb == "split" else (),
        vertex=_xy(body, "vertex") if verb == "move" else None,
        to=_xy(body, "to") if verb == "move" else None,
        community=fields.text(body, "community", required=verb == "renumber", most=12),
    )
    with transaction() as session:
        rules = city_profile(session)
        done = service.edit_cells(session, actor(), order, profile=rules, key=request_key())
    return jsonify(done), 201


@bp.post("/cells/edits/<int:edit>/undo")
@requires("place.edit")
def undo_edit(edit: int) -> ResponseReturnValue:
    """Take a change of the grid back: the cells before it are revived."""
    with transaction() as session:
        return jsonify(service.undo(session, actor(), edit, key=request_key())), 201


def _asked(name: str, title: str, **args: Any) -> ResponseReturnValue:
    """Ask the worker for ``name`` and return the job."""

    def ask(session: Session) -> dict[str, Any]:
        job = queue.defer(session, name, actor=actor(), title=title, **args)
        audit.note(session, actor(), f"job.{name}", title)
        return {"job": job}

    return jsonify(once(ask, args)), 202


@bp.post("/cells/checks")
@requires("place.edit")
def ask_check() -> ResponseReturnValue:
    """Ask for a check of the cells below ``within``: the job's result is the report."""
    within = _within(json_body())
    title = translate(sentence("Check of the cells of %(code)s"), code=within)
    return _asked("check_cells", title, within=within)


@bp.post("/cells/makings")
@requires("place.edit")
def ask_cells() -> ResponseReturnValue:
    """Ask for the division of the areas below ``within`` into cells; those in use there end."""
    body = json_body()
    within = _within(body)
    target = fields.number(body, "target_area") if "target_area" in body else 10_000.0
    if not LEAST_TARGET <= target <= MOST_TARGET:
        raise Refused(
            sentence("The area of a cell must be %(least)s to %(most)s m²."),
            least=int(LEAST_TARGET),
            most=int(MOST_TARGET),
        ).about("target_area")
    title = translate(sentence("Division of %(code)s into cells"), code=within)
    balanced = body.get("balanced") is True
    return _asked("make_cells", title, within=within, target_area=target, balanced=balanced)


@bp.post("/divisions/imports")
@requires("data.import")
def ask_divisions() -> ResponseReturnValue:
    """Ask for the import of an uploaded division tree: code, name, level, parent_code."""
    actor().require_whole_city()
    file = _uploaded(json_body(), "upload")
    title = translate(sentence("Import of divisions: %(file)s"), file=file.name)
    return _asked("import_divisions", title, upload=str(file.id))


@bp.post("/areas/imports")
@requires("data.import")
def ask_areas() -> ResponseReturnValue:
    """Ask for the import of an uploaded map file as the ground of divisions of one ``level``."""
    actor().require_whole_city()
    body = json_body()
    file = _uploaded(body, "upload")
    level = _one_of(body, "level", tuple(areas.LEVELS))
    title = translate(sentence("Import of areas: %(file)s"), file=file.name)
    mapping = str(_uploaded(body, "mapping").id) if body.get("mapping") else None
    coord_sys = fields.text(body, "coord_sys", most=12) or None
    return _asked(
        "import_areas",
        title,
        upload=str(file.id),
        level=level,
        coord_sys=coord_sys,
        mapping=mapping,
    )


def _uploaded(body: Mapping[str, Any], name: str) -> uploads.Upload:
    number = fields.identifier(body.get(name), name)
    with reading() as session:
        return uploads.find(session, current_app.config["DATA"], number)


@bp.get("/places/imports/<int:number>/quarantine.csv")
@requires("data.import")
def show_quarantine(number: int) -> Response:
    """Send the rows that an import of divisions or areas put aside, with the reasons."""
    path = current_app.config["DATA"] / "imports" / f"{number}-quarantine.csv"
    if not path.is_file():
        raise NotFound(sentence("This import put nothing aside."), number=number)
    return send_file(path.resolve(), mimetype="text/csv", as_attachment=True)


@bp.post("/areas/previews")
@requires("place.edit")
def preview_area() -> ResponseReturnValue:
    """Return what is wrong with a polygon and how it would be repaired; nothing is stored."""
    body = json_body()
    return jsonify(divisions.examined(_geometry(body), _system(body)))


@bp.post("/areas")
@requires("place.edit")
def draw_area() -> ResponseReturnValue:
    """Store a drawn polygon as the ground of division ``code``."""
    body = json_body()
    code = fields.text(body, "code", required=True, most=12)

    def draw(session: Session) -> dict[str, Any]:
        return divisions.draw(session, actor(), code, _geometry(body), _system(body))

    return jsonify(once(draw, body)), 201


def _geometry(body: Mapping[str, Any]) -> Mapping[str, Any]:
    given = body.get("geometry")
    if not isinstance(given, dict):
        raise Refused(sentence("“%(field)s” is missing."), field="geometry").about("geometry")
    return given


@bp.get("/shifts")
@requires("place.read")
def list_shifts() -> ResponseReturnValue:
    """Return the shifts that beats are made for."""
    with reading() as session:
        return jsonify(items=beats.shifts(session))


@bp.post("/shifts")
@requires("place.edit")
def add_shift() -> ResponseReturnValue:
    """Add a shift, or change the hours of the one with this name."""
    body = json_body()
    name = fields.text(body, "name", required=True, most=40)
    hours = [fields.text(body, field, required=True, most=5) for field in ("begins", "ends")]
    actor().require_whole_city()
    return jsonify(once(lambda s: beats.add_shift(s, actor(), name, *hours), body)), 201


@bp.get("/beats")
@requires("place.read")
def list_beats() -> ResponseReturnValue:
    """Return the beats of a shift below ``within``, and the cells that are in none."""
    shift = fields.integer(request.args, "shift", least=1, most=2**31 - 1)
    with reading() as session:
        return jsonify(beats.listed(session, _prefix("within"), shift))


@bp.post("/beats")
@requires("place.edit")
def assign_cells() -> ResponseReturnValue:
    """Put cells into the beat ``name`` of a shift; they leave the one they were in."""
    body = json_body()
    name = fields.text(body, "name", required=True, most=60)
    shift = fields.integer(body, "shift", least=1, most=2**31 - 1)
    chosen = _texts(body, "cells")

    def assign(session: Session) -> dict[str, Any]:
        return beats.assign(session, actor(), shift=shift, name=name, cells=chosen)

    return jsonify(once(assign, body)), 201


@bp.post("/beats/<int:beat>/inspectors")
@requires("place.edit")
def appoint_inspectors(beat: int) -> ResponseReturnValue:
    """Make ``people`` the inspectors of a beat, and nobody else."""
    body = json_body()
    given = body.get("people")
    if not isinstance(given, list) or not all(type(one) is int for one in given):
        raise Refused(sentence("“%(field)s” must be a list of numbers."), field="people")
    people = given[:100]

    def appoint(session: Session) -> dict[str, Any]:
        beats.appoint(session, actor(), beat, people)
        return {"beat": beat, "people": people}

    return jsonify(once(appoint, body)), 201


@bp.post("/beats/balances")
@requires("place.edit")
def ask_balance() -> ResponseReturnValue:
    """Ask for ``count`` contiguous beats of even area, parts or cases in a district."""
    body = json_body()
    within = _within(body)
    if len(within) < LENGTHS[Level.DISTRICT]:
        raise Refused(
            sentence("Beats belong to a district. Choose a district, street or community.")
        ).about("within")
    count = fields.integer(body, "count", least=1, most=2_000)
    shift = fields.integer(body, "shift", least=1, most=2**31 - 1)
    title = translate(sentence("Beats of %(code)s"), code=within)
    by = _one_of(body, "by", beats.BY)
    return _asked("balance_beats", title, within=within, shift=shift, count=count, by=by)


@bp.get("/zones")
@requires("place.read")
def list_zones() -> ResponseReturnValue:
    """Return all zones with their members."""
    with reading() as session:
        return jsonify(items=zones.listed(session))


@bp.post("/zones")
@requires("place.edit")
def store_zone() -> ResponseReturnValue:
    """Make a zone of divisions and cells, or change the one with this ``code``."""
    body = json_body()
    code = fields.text(body, "code", most=7) or None
    name = fields.text(body, "name", required=True, most=60)
    members = _texts(body, "members")

    def store(session: Session) -> dict[str, Any]:
        return zones.store(session, actor(), code=code, name=name, members=members)

    return jsonify(once(store, body)), 201


@bp.delete("/zones/<code>")
@requires("place.edit")
def remove_zone(code: str) -> ResponseReturnValue:
    """Take a zone away that nobody and no route has as its area."""
    with transaction() as session:
        zones.remove(session, actor(), code)
    return "", 204
