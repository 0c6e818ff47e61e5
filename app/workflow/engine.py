"""A flow as data: which action leads from which state to which.

Pure: no database, no Flask, no clock, and no idea what a case is.  States are
named by whoever edits the flow; *stages* are the seven of the national standard
and are fixed here, so that evaluation and the big screen never depend on a
local name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.kernel.errors import Refused, sentence
from app.workflow.requests import SAME, RequestKind, kind_of, rows_of


class Stage(StrEnum):
    """The seven stages every local state belongs to (CJJ/T 106, standards §5.1)."""

    COLLECT = "collect"
    FILE = "file"
    DISPATCH = "dispatch"
    HANDLE = "handle"
    REPORT = "report"
    VERIFY = "verify"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can be: its stage, its name, and the limit of waiting there.

    ``limit`` is ``{"value", "unit"}``, the word ``"condition"`` (the filing condition's
    """

    name: str
    stage: Stage
    label: str
    limit: Mapping[str, Any] | str | None = None
    end: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """A field that an action asks for.

    ``type`` is text, longtext, photos, choice, choices (several), bool, date or case.
    """

    name: str
    type: str
    label: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the flow table; ``request`` is the kind of request it is a part of."""

    action: str
    label: str
    source: str
    target: str
    permission: str
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    request: str = ""


@dataclass(frozen=True)
class Flow:
    """One published version of a flow; never edited, only superseded."""

    id: int
    start: str
    states: Mapping[str, State]
    moves: tuple[Move, ...]
    requests: Mapping[str, RequestKind] = field(default_factory=dict)

    def allows(self, state: str, action: str) -> bool:
        """Say whether there is a row for ``action`` in ``state``."""
        return any((m.source, m.action) == (state, action) for m in self.moves)

    def move(self, state: str, action: str) -> Move:
        """Return the row for ``action`` in ``state``, or raise ``Refused``."""
        for move in self.moves:
            if (move.source, move.action) == (state, action):
                return move
        known = {m.action: m.label for m in self.moves}
        raise Refused(
            sentence("“%(action)s” is not possible now: the case is “%(state)s”."),
            action=known.get(action, action),
            state=self.states[state].label if state in self.states else state,
        )

    def open_to(self, state: str, permissions: Iterable[str]) -> tuple[Move, ...]:
        """Return the moves a holder of ``permissions`` is offered in ``state``."""
        held = frozenset(permissions)
        return tuple(m for m in self.moves if m.source == state and m.permission in held)

    def waiting_for(self, permissions: Iterable[str]) -> tuple[str, ...]:
        """Return the states in which a holder of ``permissions`` is waited for, in listing order.

        Those are the states that he moves cases on from.  What may be asked or done besides
        (requests, help, undoing a merger) waits for nobody.
        """
        held = frozenset(permissions)
        sources = {m.source for m in self.moves if m.permission in held and self._moves_on(m)}
        return tuple(name for name in self.states if name in sources)

    def waits_on(self, state: str) -> str | None:
        """Return the permission of who is waited for in ``state``: whoever its first move needs.

        A flow lists the moves that lead a case on in the order of their weight; None where it
        waits for nobody.
        """
        onward = (m for m in self.moves if m.source == state and self._moves_on(m))
        return next((m.permission for m in onward if m.permission != "system"), None)

    def _moves_on(self, move: Move) -> bool:
        ended = self.states[move.source].end
        return not (move.request or ended or move.source == move.target)


def read(flow_id: int, document: Mapping[str, Any]) -> Flow:
    """Return the flow that ``document`` describes.

    The JSON has one object a state and one a move; a move may name several sources at once, and
    ``same`` as its target.  ``requests`` stand for the rows of asking, reviewing and deciding.
    """
    states = {
        name: State(name, Stage(s["stage"]), s["label"], s.get("limit"), s.get("end", False))
        for name, s in document["states"].items()
    }
    asked = document.get("requests", {})
    rows = [*document["moves"], *(row for name in asked for row in rows_of(name, asked[name]))]
    moves = tuple(move for row in rows for move in _moves(row))
    kinds = {name: kind_of(name, row) for name, row in asked.items()}
    return Flow(flow_id, document["start"], states, moves, kinds)


def _moves(row: Mapping[str, Any]) -> Iterator[Move]:
    """Yield one move for each source of ``row``."""
    sources = [row["source"]] if isinstance(row["source"], str) else row["source"]
    for source in sources:
        yield Move(
            action=row["action"],
            label=row["label"],
            source=source,
            target=source if row["target"] == SAME else row["target"],
            permission=row["permission"],
            guards=tuple(row.get("guards", ())),
            effects=tuple(row.get("effects", ())),
            asks=tuple(Ask(**ask) for ask in row.get("asks", ())),
            request=row.get("request", ""),
        )


def problems(
    flow: Flow,
    *,
    guards: Iterable[str],
    effects: Iterable[str],
    permissions: Iterable[str],
    fields: Iterable[str],
) -> list[str]:
    """Return what is wrong with a draft; an empty list means it may be published."""
    known = {
        "guard": frozenset(guards),
        "effect": frozenset(effects),
        "permission": frozenset(permissions),
        "field": frozenset(fields),
    }
    found = _doubles(flow)
    for move in flow.moves:
        found += _unknown(flow, move, known)
    found += _strange_levels(flow, known["permission"])
    found += _dead_ends(flow)
    found += [
        f"{s.name} has no limit" for s in flow.states.values() if not s.end and s.limit is None
    ]
    missing = set(Stage) - {s.stage for s in flow.states.values()}
    return found + [f"no state belongs to stage {stage}" for stage in sorted(missing)]


def _doubles(flow: Flow) -> list[str]:
    pairs = [(m.source, m.action) for m in flow.moves]
    return [f"{s} has two rows for {a}" for s, a in dict.fromkeys(pairs) if pairs.count((s, a)) > 1]


def _unknown(flow: Flow, move: Move, known: Mapping[str, frozenset[str]]) -> list[str]:
    named = {
        "guard": move.guards,
        "effect": move.effects,
        "permission": (move.permission,),
        "field": tuple(ask.name for ask in move.asks),
    }
    states = [s for s in (move.source, move.target) if s not in flow.states]
    return [f"{move.action}: unknown state {s}" for s in states] + [
        f"{move.action}: unknown {what} {name}"
        for what, names in named.items()
        for name in names
        if name not in known[what]
    ]


def _strange_levels(flow: Flow, permissions: frozenset[str]) -> list[str]:
    return [
        f"{kind.name}: unknown permission {level}"
        for kind in flow.requests.values()
        for level in (*kind.levels, *kind.later)
        if level not in permissions
    ]


def _dead_ends(flow: Flow) -> list[str]:
    reached = _reach({flow.start}, [(m.source, m.target) for m in flow.moves])
    ends = {s.name for s in flow.states.values() if s.end}
    finishing = _reach(ends, [(m.target, m.source) for m in flow.moves])
    return [f"{s} cannot be reached" for s in flow.states if s not in reached] + [
        f"{s} has no way to an end" for s in flow.states if s not in finishing
    ]


def _reach(start: Iterable[str], edges: Iterable[tuple[str, str]]) -> set[str]:
    """Return every node that can be reached from ``start`` along ``edges``."""
    edges, reached, frontier = list(edges), set(start), set(start)
    while frontier:
        frontier = {b for a, b in edges if a in frontier} - reached
        reached |= frontier
    return reached
