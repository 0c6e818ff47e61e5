"""The register of parts for those who keep it: list and map, one part, kinds."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.admin.part_import_routes import seen
from app.catalogue.queries import handbook
from app.kernel import fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.parts import queries, rules
from app.parts.filters import Filters
from app.places import queries as places

bp = Blueprint("admin_parts", __name__, url_prefix="/admin/parts")
ROWS = 50
MOST_COUNTED = 10_000


@bp.get("")
@requires("admin.use")
def register() -> ResponseReturnValue:
    """Show the parts that fit the filters, and their map; only the rows when the page asks."""
    with reading() as session:
        rows = _rows(session)
        if "HX-Request" in request.headers:
            return render_template("admin/_parts.html", **rows)
        return render_template("admin/parts.html", **rows, **_frame(session))


def _rows(session: Session) -> dict[str, Any]:
    wanted = Filters.read(session, request.args)
    after = fields.text(request.args, "after", most=40)
    page = queries.page(session, wanted, after=after, limit=ROWS)
    kept = wanted.given
    return {
        "page": page,
        "count": queries.count(session, wanted, most=MOST_COUNTED),
        "most": MOST_COUNTED,
        "filtered": bool(kept),
        "names": {k["code"]: k["name"] for k in queries.kinds(session)},
        "departments": handbook(session).departments,
        "first_url": f"/admin/parts?{urlencode(kept)}",
        "next_url": f"/admin/parts?{urlencode({**kept, 'after': page['next']})}",
        "rules": rules,
    }


def _frame(session: Session) -> dict[str, Any]:
    return {"kinds": queries.kinds(session), "city": places.city(session)}


@bp.get("/<code>")
@requires("admin.use")
def part(code: str) -> ResponseReturnValue:
    """Show one part with its history: a page of its own, or the fragment for the drawer."""
    with reading() as session:
        found = queries.one(session, code)
        steps = [_told(step) for step in queries.steps(session, code)]
        departments = handbook(session).departments
    fragment = "fragment" in request.args or "HX-Request" in request.headers
    return render_template(
        "admin/_part.html" if fragment else "admin/part.html",
        part=found,
        steps=steps,
        photos=[photo for step in steps for photo in step["photos"]],
        departments=departments,
        rules=rules,
        coords=_coords(found["geometry"]),
    )


@bp.get("/new")
@requires("part.edit")
def new_part() -> ResponseReturnValue:
    """Show the form for a part that the register lacks."""
    with reading() as session:
        return render_template(
            "admin/_part_new.html",
            kinds=queries.kinds(session),
            departments=handbook(session).departments,
            rules=rules,
        )


@bp.get("/kinds")
@requires("admin.use")
def kinds() -> ResponseReturnValue:
    """Show the kinds of parts with how they are drawn and how exact they must be."""
    with reading() as session:
        return render_template("admin/part_kinds.html", kinds=queries.kinds(session), rules=rules)


def _coords(geometry: dict[str, Any]) -> str | None:
    """Return the vertices of a simple shape, one a line; None for one that has several pieces."""
    found: Any = geometry["coordinates"]
    pick = {"Point": [found], "LineString": found}
    points = found[0][:-1] if geometry["type"] == "Polygon" and len(found) == 1 else None
    points = points or pick.get(geometry["type"])
    return "\n".join(f"{x}, {y}" for x, y in points) if points else None


def _told(step: dict[str, Any]) -> dict[str, Any]:
    """Return a line of history as people read it: shapes by their middle."""
    told = {name: [seen(name, value) for value in pair] for name, pair in step["changes"].items()}
    return {**step, "changes": told}
