"""The ledger of requests (审批台账)."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.cases import requests
from app.catalogue.queries import handbook
from app.kernel import clock
from app.kernel.auth import requires
from app.kernel.db import reading
from app.kernel.http import actor
from app.workflow import queries as flows

bp = Blueprint("ledger", __name__)


@bp.get("/desk/requests")
@requires("desk.use")
def ledger() -> ResponseReturnValue:
    """Show requests that wait and those decided, and how often each department makes them."""
    now, wanted = clock.now(), requests.Wanted.read({"state": "open", **request.args})
    with reading() as session:
        found = requests.page(session, actor(), wanted, at=now)
        kinds = flows.current(session, handbook(session, actor().handbook).version).requests
        shares = requests.shares(session, actor(), at=now)
    chosen: dict[str, Any] = {k: v for k, v in request.args.items() if v and k != "after"}
    return render_template(
        "desk/requests.html",
        found=found,
        wanted=wanted,
        kinds=kinds,
        shares=shares,
        next_url=f"/desk/requests?{urlencode({**chosen, 'after': found.next})}",
    )
