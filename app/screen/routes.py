"""The commander's wall (指挥大屏)."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from app.cases.counts import counts as figures_of
from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.places import queries as places

bp = Blueprint("screen", __name__)


@bp.get("/screen/")
@requires("screen.read")
def screen() -> ResponseReturnValue:
    """Show the wall with the figures of this moment; the page keeps them up to date itself."""
    with reading() as session:
        figures = figures_of(session, actor(), at=clock.now())
        return render_template("screen/screen.html", counts=figures, city=places.city(session))


@bp.get("/screen/counts")
@requires("screen.read")
def counts() -> ResponseReturnValue:
    """Return the wall's figures as JSON."""
    with reading() as session:
        return jsonify(figures_of(session, actor(), at=clock.now()))
