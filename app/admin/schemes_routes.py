"""The pages of evaluation schemes: the list, and one version as a form."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.evaluation import labels, rules, scheme_store, schemes
from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.errors import sentence

bp = Blueprint("admin_schemes", __name__, url_prefix="/admin/schemes")
OBJECTS = {
    "department": sentence("Departments"),
    "region": sentence("Regions"),
    "inspector": sentence("Inspectors"),
    "agent": sentence("Call agents"),
    "shift_leader": sentence("Shift leaders"),
    "dispatcher": sentence("Dispatchers"),
}
RULES = {
    "rate": sentence("rate × 100"),
    "inverse": sentence("(1 − rate) × 100"),
    "brackets": sentence("by brackets"),
    "threshold": sentence("by a threshold"),
    "plain": sentence("as it is"),
}


@bp.get("")
@requires("evaluation.design")
def show_list() -> ResponseReturnValue:
    """Show every version of every scheme, and a form that begins a draft."""
    with reading() as session:
        found = scheme_store.listed(session)
    return render_template("admin/schemes.html", schemes=found, objects=OBJECTS)


@bp.get("/<code>/<int:version>")
@requires("evaluation.design")
def show_scheme(code: str, version: int) -> ResponseReturnValue:
    """Show one version: a form if it is a draft, else the same form that cannot be changed."""
    with reading() as session:
        found = scheme_store.one(session, code, version)
    last = clock.local(clock.now()).date().replace(day=1)
    return render_template(
        "admin/scheme.html",
        scheme=found,
        document=found.document,
        objects=OBJECTS,
        rules={name: RULES[name] for name in rules.RULES},
        indicators=labels.labels(sorted(labels.known())),
        grades=schemes.grades(),
        period=f"{last.year - (last.month == 1)}-{(last.month - 2) % 12 + 1:02}",
    )
