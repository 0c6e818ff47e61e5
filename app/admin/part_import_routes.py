"""Imports of parts for those who keep the register: beginning one, looking at its difference."""

from typing import Any

import shapely
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel import fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.parts import import_queries, queries, rules
from app.parts.staging import STATES

bp = Blueprint("admin_part_imports", __name__, url_prefix="/admin/parts/imports")
ROWS = 50
ACTIONS = ("changed", "new", "gone", "aside")


@bp.get("")
@requires("data.import")
def imports() -> ResponseReturnValue:
    """Show the form of a new import, and the imports so far."""
    with reading() as session:
        return render_template(
            "admin/part_imports.html",
            imports=import_queries.latest(session),
            kinds=queries.kinds(session),
            mappings=import_queries.mappings(session),
            rules=rules,
            states=STATES,
        )


@bp.get("/<int:number>")
@requires("data.import")
def one_import(number: int) -> ResponseReturnValue:
    """Show an import, what it would change or changed, and what may be done with it."""
    with reading() as session:
        found = import_queries.one(session, number)
        counts = found["counts"]
        fitting = next((name for name in ACTIONS if counts.get(name)), "new")
        action = fields.text(request.args, "action", most=10) or fitting
        after = request.args.get("after", "")
        behind = fields.integer(request.args, "after", least=-(2**31)) if after else None
        rows = import_queries.page(session, number, action, after=behind, most=ROWS + 1)
    return render_template(
        "admin/part_import.html",
        one=found,
        action=action,
        rows=[_told(row) for row in rows[:ROWS]],
        next=rows[ROWS - 1]["row"] if len(rows) > ROWS else None,
        rules=rules,
        states=STATES,
    )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its changes as people read them: shapes by their middle."""
    return {**row, "changes": {n: [seen(n, v) for v in p] for n, p in row["changes"].items()}}


def seen(name: str, value: Any) -> str:
    """Return one value of a change as people read it."""
    if value in (None, ""):
        return "—"
    if name == "geom":
        shape = shapely.from_wkb(value)
        middle = shape.point_on_surface()
        return f"{shape.geom_type} {middle.x:.6f}, {middle.y:.6f}"
    return ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
