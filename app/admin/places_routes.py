"""The page of the grid: divisions, cells, beats and zones, edited on the map."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.kernel.auth import requires
from app.kernel.db import reading
from app.places import beats, divisions, queries, zones

bp = Blueprint("admin_places", __name__, url_prefix="/admin/places")


@bp.get("")
@requires("place.edit")
def show() -> ResponseReturnValue:
    """Show the tree of divisions, the list of cells, and the map they are edited on."""
    with reading() as session:
        return render_template(
            "admin/places.html",
            city=queries.city(session),
            top=divisions.children(session, "")["items"],
            shifts=beats.shifts(session),
            inspectors=beats.inspectors(session),
            zones=zones.listed(session),
        )
