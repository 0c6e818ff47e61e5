"""From the filters of a list to the conditions of a statement."""

from datetime import datetime
from typing import Any

from app.cases.forms import Filters
from app.catalogue.rules import Handbook
from app.kernel.auth import Actor
from app.kernel.scopes import after_prefix, visible
from app.places.cells import called_today

ENDS = {"closed", "forced", "merged", "rejected", "void"}
WAITS_FOR_ME = (
    "EXISTS (SELECT FROM case_requests r WHERE r.case_id = c.id AND r.ended_at IS NULL"
    " AND r.levels[r.done + 1] = ANY(:mine) AND r.asked_by <> :me"
    " AND r.reviewed_by IS DISTINCT FROM :me)"
)
UNDER_ORDER = "c.id IN (SELECT case_id FROM case_orders WHERE state <> 'ended')"
"""Cases under supervision (督办)."""
Clauses = list[str]
IN_ZONE = (
    "EXISTS (SELECT FROM zone_members z WHERE z.zone = :zone"
    " AND c.cell >= z.member AND c.cell < z.member || '~')"
)


def where(
    book: Handbook, actor: Actor, filters: Filters, at: datetime
) -> tuple[Clauses, dict[str, Any], bool]:
    """Return conditions on ``cases c``, their binds, and whether they are few among many."""
    clauses, binds = visible(actor)
    narrow = False
    for part in (_page, _place, _clock, _words, _stages, _kinds, _mine):
        more, bound, few = part(book, actor, filters, at)
        clauses += more
        binds |= bound
        narrow = narrow or few
    return clauses, binds, narrow


Part = tuple[Clauses, dict[str, Any], bool]


def _page(book: Handbook, actor: Actor, f: Filters, at: datetime) -> Part:
    return (["c.id < :after"], {"after": f.after}, False) if f.after else ([], {}, False)


def _place(book: Handbook, actor: Actor, f: Filters, at: datetime) -> Part:
    clauses: Clauses = []
    binds: dict[str, Any] = {}
    if f.bbox:
        # A box of degrees is a box in Mercator too, and there the open cases have their own index.
        clauses.append("c.place3857 && ST_Transform(ST_MakeEnvelope(:w, :s, :e, :n, 4490), 3857)")
        binds |= dict(zip("wsen", f.bbox, strict=True))
    if f.cell:
        clauses.append(called_today("c.cell", "c.place"))
        binds["cell"] = f.cell
    if f.district.startswith("Z"):
        clauses.append(IN_ZONE)
        binds["zone"] = f.district
    elif f.district:
        clauses.append("c.cell >= :district AND c.cell < :district_end")
        binds |= {"district": f.district, "district_end": after_prefix(f.district)}
    return clauses, binds, bool(f.bbox or f.cell)


def _clock(book: Handbook, actor: Actor, f: Filters, at: datetime) -> Part:
    if f.due == "overdue":
        return ["c.closed_at IS NULL AND c.due_at < :at"], {"at": at}, True
    if f.due == "soon":
        soon = "c.closed_at IS NULL AND c.due_at >= :at AND c.amber_at <= :at"
        return [soon], {"at": at}, True
    return [], {}, False


def _words(book: Handbook, actor: Actor, f: Filters, at: datetime) -> Part:
    """Find a number by its beginning, any other text by pairs of characters."""
    if not f.q:
        return [], {}, False
    upper = f.q.upper()
    if upper[0] in "CE" and upper[1:].isdigit():
        return (
            ["c.number >= :q AND c.number < :q_end"],
            {"q": upper, "q_end": after_prefix(upper)},
            True,
        )
    words = "c.description || ' ' || c.address"
    clause = f"bigrams({words}) @> bigrams(CAST(:q AS text)) AND strpos({words}, :q) > 0"
    return [clause], {"q": f.q}, len(f.q) > 1


def _stages(book: Handbook, actor: Actor, f: Filters, at: datetime) -> Part:
    clauses: Clauses = []
    binds: dict[str, Any] = {}
    if f.stage:
        clauses.append("c.stage = ANY(:stages)")
        binds["stages"] = list(f.stage)
    if f.state:
        clauses.append("c.state = ANY(:states)")
        binds["states"] = list(f.state)
    if (f.stage and "close" not in f.stage) or (f.state and not ENDS & set(f.state)):
        clauses.append("c.closed_at IS NULL")
    return clauses, binds, bool(clauses) and "c.closed_at IS NULL" in clauses


def _kinds(book: Handbook, actor: Actor, f: Filters, at: datetime) -> Part:
    clauses: Clauses = []
    binds: dict[str, Any] = {}
    if f.kind:
        wanted = {k for k in book.kinds if k in f.kind or k[1:] in f.kind}
        clauses.append("c.kind = ANY(:kinds)")
        binds["kinds"] = sorted(wanted)
    if f.category:
        big = {
            k.id for k in book.kinds.values() if f.category in (k.big_code, k.id[0] + k.big_code)
        }
        clauses.append("c.kind = ANY(:big)")
        binds["big"] = sorted(big)
    if f.department:
        clauses.append("c.department = :department")
        binds["department"] = f.department
    return clauses, binds, False


def _mine(book: Handbook, actor: Actor, f: Filters, at: datetime) -> Part:
    if f.mine == "tasks":
        return ["c.closed_at IS NULL AND c.inspector_id = :me"], {"me": actor.person_id}, True
    if f.mine == "requests":
        return [WAITS_FOR_ME], {"me": actor.person_id, "mine": sorted(actor.permissions)}, True
    if f.mine == "reports":
        return ["c.reporter_id = :me"], {"me": actor.person_id}, False
    if f.mine == "orders":
        return [UNDER_ORDER], {}, True
    return [], {}, False
