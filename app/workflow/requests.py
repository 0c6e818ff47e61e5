"""Requests (延期 挂账 回退 作废 …) as data: a few lines in a flow become its rows.

A request is asked for, perhaps reviewed, then granted or refused, or taken back by who asked.  The
case stays where it is until the request is granted; each of these is an action like any other, with
its line in the journal.  Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SAME = "same"
"""As a target: the state the case is in."""
GUARDS = {
    "ask": ("nothing_asked",),
    "review": ("at_this_level", "not_last_level", "not_own_request"),
    "grant": ("at_this_level", "last_level", "not_own_request"),
    "refuse": ("at_this_level", "not_own_request"),
    "withdraw": ("own_request",),
}
REASON: dict[str, Any] = {"name": "reason", "type": "longtext", "label": "Reason"}
NOTE: dict[str, Any] = {"name": "note", "type": "longtext", "label": "Note", "required": False}
ASKS: dict[str, list[dict[str, Any]]] = {
    "ask": [REASON],
    "review": [NOTE],
    "grant": [NOTE],
    "refuse": [REASON],
    "withdraw": [],
}
VERBS = tuple(GUARDS)


@dataclass(frozen=True, slots=True)
class RequestKind:
    """What may be asked for; ``levels`` and ``later`` are permissions that must agree, in order.

    ``later`` holds from the second time on, where that is stricter.
    """

    name: str
    label: str
    levels: tuple[str, ...]
    later: tuple[str, ...] = ()


def kind_of(name: str, row: Mapping[str, Any]) -> RequestKind:
    """Return the kind of request that ``row`` of a flow's document describes."""
    return RequestKind(name, row["label"], tuple(row["levels"]), tuple(row.get("later", ())))


def action_of(name: str, verb: str) -> str:
    """Return the action of a step of a request: granting bears the name of what is granted."""
    return name if verb == "grant" else f"{verb}_{name}"


def rows_of(name: str, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the rows of the flow table that a request stands for, as a document writes them."""
    for verb in VERBS:
        own = row.get(verb, {})
        yield {
            "action": action_of(name, verb),
            "label": row["labels"][verb],
            "source": row["source"],
            "target": row["target"] if verb == "grant" else SAME,
            "permission": row["permission"] if verb in ("ask", "withdraw") else "case.decide",
            "guards": [*GUARDS[verb], *own.get("guards", ())],
            "effects": [*own.get("effects", ()), f"{verb}_request"],
            "asks": [*own.get("asks", ()), *ASKS[verb]],
            "request": name,
        }
