"""The page of addresses: finding, the register, bringing in."""

from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.kernel import fields
from app.kernel.auth import requires
from app.kernel.db import reading
from app.places import queries as places
from app.places.addresses import imports, queries, rules

bp = Blueprint("admin_addresses", __name__, url_prefix="/admin/addresses")
SHOWN = 50


@bp.get("")
@requires("place.edit")
def show() -> ResponseReturnValue:
    """Show the register of addresses with its filters, a map of the same rows, and the forms."""
    kind, q = request.args.get("type", ""), fields.text(request.args, "q", most=80)
    kinds = [kind] if kind in rules.TYPES else []
    after = fields.text(request.args, "after", most=20)
    with reading() as session:
        page = queries.page(session, kinds=kinds, q=q, after=after, limit=SHOWN)
        kept = {"type": kind, "q": q, "after": page["next"]}
        return render_template(
            "admin/addresses.html",
            page=page,
            counts=queries.counts(session),
            city=places.city(session),
            types=rules.TYPES,
            holds=imports.HOLDS,
            filtered=bool(kinds or q),
            next_url=f"/admin/addresses?{urlencode(kept)}" if page["next"] else None,
        )
