"""The administrators' pages of layers: the register, one layer, its versions and its style."""

from pathlib import Path

from flask import Blueprint, current_app, render_template, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from app.kernel import job_routes as jobs
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import NotFound, sentence
from app.kernel.http import actor
from app.layers import register, styles, tagging
from app.org.rules import POSTS

bp = Blueprint("admin_layers", __name__, url_prefix="/admin/layers")
OURS = {"import_base", "import_layer", "count_layer"}
IMPORT = text(
    "SELECT id FROM imports WHERE id = :id AND (what = 'base map' OR starts_with(what, 'layer '))"
)
BOX = text(
    "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
    " FROM (SELECT ST_Extent(geom) AS e FROM areas) x WHERE e IS NOT NULL"
)
CHINA = [73.0, 18.0, 135.0, 54.0]


@bp.get("")
@requires("layer.edit")
def show_register() -> ResponseReturnValue:
    """Show every layer, the imports of the base map, and what is going on."""
    with reading() as session:
        return render_template(
            "admin/layers.html",
            layers=register.listed(session, actor()),
            imports=register.base_imports(session),
            jobs=[job for job in jobs.latest(session, actor()) if job["name"] in OURS][:6],
            titles=POSTS,
            kinds=("osm", *tagging.SURVEYED),
        )


@bp.get("/<name>")
@requires("layer.edit")
def show_layer(name: str) -> ResponseReturnValue:
    """Show one layer: what it is, its versions with their quality, its style, its figures."""
    with reading() as session:
        layer = register.one(session, actor(), name)
        box = session.execute(BOX).first()
        shown = (layer.get("report") or {}).get("bbox") or (list(box) if box else CHINA)
        return render_template(
            "admin/layer.html",
            layer=layer,
            versions=register.versions(session, layer["id"]),
            styles=register.saved_styles(session, layer["id"]),
            posts=register.posts(session),
            titles=POSTS,
            jobs=[job for job in jobs.latest(session, actor()) if job["name"] in OURS][:3],
            bbox=shown,
            tokens=styles.TOKENS,
            grounds=styles.GROUNDS,
        )


@bp.get("/quarantine/<int:number>.csv")
@requires("layer.edit")
def show_quarantine(number: int) -> ResponseReturnValue:
    """Send the rows that an import of layers put aside, with the reason of each."""
    with reading() as session:
        known = session.execute(IMPORT, {"id": number}).scalar()
    file = Path(current_app.config["DATA"]).resolve() / "imports" / f"{number}-quarantine.csv"
    if known is None or not file.is_file():
        raise NotFound(sentence("There is no such file of rows put aside."), number=number)
    return send_file(file, mimetype="text/csv", as_attachment=True)
