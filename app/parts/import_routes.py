"""Imports and exports of parts over HTTP; the long work itself is done by the worker."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.kernel import audit, fields, job_routes, queue, uploads
from app.kernel.auth import requires
from app.kernel.db import reading, transaction
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.http import actor, json_body, once
from app.parts import exports, import_queries, staging
from app.parts.filters import Filters

bp = Blueprint("part_imports", __name__, url_prefix="/api/v1")
GONE = ("", "lost", "abandoned", "removed")
TYPES = {
    "gpkg": "application/geopackage+sqlite3",
    "zip": "application/zip",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("/part-imports/glance")
@requires("data.import")
def glance_upload() -> ResponseReturnValue:
    """Return the columns of a sent file, its first rows, and which is probably which field."""
    upload = fields.identifier(request.args.get("upload"), "upload")
    with reading() as session:
        found = uploads.find(session, current_app.config["DATA"], upload)
    encoding = fields.text(request.args, "encoding", most=20)
    layer = fields.text(request.args, "layer", most=80) or None
    return jsonify(import_queries.glance(found.path, encoding=encoding, layer=layer))


@bp.post("/part-imports")
@requires("data.import")
def begin_import() -> ResponseReturnValue:
    """Begin an import: compare a sent file with the register; nothing is changed yet."""
    body = json_body()
    mapping = body.get("mapping") or {}
    if not isinstance(mapping, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field="mapping").about("mapping")

    def begin(session: Session) -> dict[str, Any]:
        upload = fields.identifier(body.get("upload"), "upload")
        answer = staging.begin(
            session,
            uploads.find(session, current_app.config["DATA"], upload),
            kind=fields.text(body, "kind", required=True, most=12),
            mapping=mapping,
            coord_sys=fields.text(body, "coord_sys", most=12) or None,
            division=fields.text(body, "division", most=12) or None,
            actor=actor(),
        )
        name = fields.text(body, "save_as", most=60)
        if name:
            staging.save_mapping(session, name, mapping, actor=actor())
        return answer

    return _done(begin, body)


@bp.get("/part-imports/<int:number>")
@requires("data.import")
def show_import(number: int) -> ResponseReturnValue:
    """Return an import and rows of it: ``action`` new, changed, gone or aside, behind ``after``."""
    args = request.args
    action = fields.text(args, "action", most=10) or "changed"
    after = fields.integer(request.args, "after", least=-(2**31)) if args.get("after") else None
    with reading() as session:
        found = import_queries.one(session, number)
        rows = import_queries.page(session, number, action, after=after)
    told = ("id", "file", "kind", "state", "read", "stored", "quarantined", "counts", "job")
    return jsonify({name: found[name] for name in told} | {"items": rows})


@bp.post("/part-imports/<int:number>/repairs")
@requires("data.import")
def take_repairs(number: int) -> ResponseReturnValue:
    """Take offered repairs (of ``rows``, or all of them) and compare again."""
    rows = json_body().get("rows")
    if rows is not None and not (isinstance(rows, list) and all(type(r) is int for r in rows)):
        raise Refused(sentence("“%(field)s” must be a list of row numbers."), field="rows")
    rows = rows and [row for row in rows if 0 < row < 2**31]
    return _done(lambda session: staging.mend(session, number, rows, actor=actor()), {"rows": rows})


@bp.post("/part-imports/<int:number>/apply")
@requires("data.import")
def apply_import(number: int) -> ResponseReturnValue:
    """Carry an import out in one transaction; ``gone`` is the state of parts that it lacks."""
    gone = fields.text(json_body(), "gone", most=10)
    if gone not in GONE:
        raise Refused(
            sentence("“%(state)s” is no state. Choose one of: %(known)s."),
            state=gone,
            known=", ".join(GONE[1:]),
        ).about("gone")
    return _done(
        lambda session: staging.ask(session, "apply_parts", number, actor=actor(), gone=gone),
        {"gone": gone},
    )


@bp.post("/part-imports/<int:number>/undo")
@requires("data.import")
def undo_import(number: int) -> ResponseReturnValue:
    """Take a whole import back, unless something was changed on top of it."""
    return _done(lambda session: staging.ask(session, "undo_parts", number, actor=actor()), {})


@bp.post("/part-imports/<int:number>/compare")
@requires("data.import")
def compare_import(number: int) -> ResponseReturnValue:
    """Compare the file with the register as it is now."""
    return _done(
        lambda session: staging.ask(session, "compare_parts", number, actor=actor(), fresh=True), {}
    )


def _done(work: Callable[[Session], dict[str, Any]], body: dict[str, Any]) -> ResponseReturnValue:
    """Do the next step of an import, once for each retry key; a file knows no areas."""
    actor().require_whole_city()
    return jsonify(once(work, body)), 201


@bp.post("/part-imports/<int:number>/drop")
@requires("data.import")
def drop_import(number: int) -> ResponseReturnValue:
    """Give up an import that was not applied."""

    def drop(session: Session) -> dict[str, Any]:
        staging.drop(session, number, actor=actor())
        return {"id": number}

    return _done(drop, {})


@bp.get("/part-imports/<int:number>/aside.csv")
@requires("data.import")
def download_asides(number: int) -> ResponseReturnValue:
    """Send the rows put aside: row, reason, what stood there, which repair is offered."""
    with reading() as session:
        import_queries.one(session, number)
        told = "".join(import_queries.asides(session, number))
    answer = Response(told, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=import-{number}-aside.csv"
    return answer


@bp.post("/part-exports")
@requires("admin.use")
def begin_export() -> ResponseReturnValue:
    """Have the parts that fit ``filters`` written as ``format`` in the background."""
    body = json_body()
    form = exports.check_format(fields.text(body, "format", required=True, most=10))
    given = body.get("filters") or {}
    if not isinstance(given, dict):
        raise Refused(sentence("“%(field)s” must be an object."), field="filters").about("filters")

    def ask(session: Session) -> dict[str, Any]:
        wanted = Filters.read(session, given)
        job = queue.defer(
            session,
            "export_parts",
            actor=actor(),
            title=f"parts.{form}",
            form=form,
            filters=wanted.given,
        )
        audit.note(session, actor(), "job.export_parts", f"parts.{form}")
        return {"job": job}

    return jsonify(once(ask, body)), 201


@bp.get("/part-exports/<int:job>")
@requires("admin.use")
def download_export(job: int) -> ResponseReturnValue:
    """Send the file of an export that is done."""
    with transaction() as session:
        found = job_routes.find(session, actor(), job)
        done = found["name"] == "export_parts" and found["state"] == "done"
        path = exports.place(current_app.config["DATA"], job) / (found["result"] or {}).get(
            "name", "-"
        )
        if not done or not path.is_file():
            raise NotFound(sentence("There is no such export: files are kept for a week."))
        audit.note(session, actor(), "part.download", str(job), result=str(found["result"]))
    kind = TYPES[path.name.rpartition(".")[2]]
    return send_file(path, mimetype=kind, as_attachment=True, download_name=path.name, max_age=0)
