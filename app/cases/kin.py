"""What stands around a case: requests about it, its parts, what was merged, who helps."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.cases import queries
from app.catalogue.rules import Handbook
from app.kernel.errors import sentence
from app.kernel.i18n import translate
from app.workflow.engine import Flow

OUTCOMES = {
    None: sentence("waits for a decision"),
    "granted": sentence("granted"),
    "refused": sentence("refused"),
    "withdrawn": sentence("withdrawn"),
    "lapsed": sentence("lapsed, the case has moved on"),
}


def shown(row: Row[Any], flow: Flow, book: Handbook) -> dict[str, Any]:
    """Return the parts of a case's page that come from the columns of ``kin.sql``."""
    return {
        "requests": [_request(one, flow) for one in row.requests or ()],
        "parts": [_part(one, flow, book) for one in row.parts or ()],
        "merged": [{**one, "reported_at": _when(one["reported_at"])} for one in row.merged or ()],
        "belongs_to": row.belongs_to,
        "helped_by": [_helper(one, book) for one in row.helped_by or ()],
        "extensions": row.extensions,
        "returns": row.returns,
        "exempt": row.exempt,
        "confirmed": row.confirmed,
        "self_handled": row.self_handled,
        "suspended_until": queries.iso(row.suspended_until),
    }


def _when(written: str | None) -> str | None:
    return queries.iso(datetime.fromisoformat(written)) if written else None


def _request(one: dict[str, Any], flow: Flow) -> dict[str, Any]:
    kind = flow.requests.get(one["kind"])
    return {
        **one,
        "kind_label": translate(kind.label) if kind else one["kind"],
        "outcome_label": translate(OUTCOMES[one["outcome"]]),
        "asked_at": _when(one["asked_at"]),
        "ended_at": _when(one["ended_at"]),
    }


def _part(one: dict[str, Any], flow: Flow, book: Handbook) -> dict[str, Any]:
    state = flow.states.get(one["state"])
    return {
        **one,
        "state_label": translate(state.label) if state else one["state"],
        "department_name": book.departments.get(one["department"]),
    }


def _helper(one: dict[str, Any], book: Handbook) -> dict[str, Any]:
    name = book.departments.get(one["department"], one["department"])
    return {**one, "department_name": name, "done_at": _when(one["done_at"])}
