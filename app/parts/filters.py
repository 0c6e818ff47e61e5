"""The filters of the register: the same for list, map, API and export."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue.queries import handbook
from app.kernel import fields
from app.kernel.errors import Refused, sentence
from app.kernel.scopes import after_prefix
from app.parts.rules import STATES
from app.places.cells import called_today

IN_CELL = " AND ".join(
    (
        "p.geom && (SELECT geom FROM cells WHERE code = :cell)",
        called_today("p.cell", "ST_PointOnSurface(p.geom)"),
    )
)
"""A part keeps the code of the cell it was surveyed in, and is found by today's."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which parts are wanted; None and empty mean all."""

    bbox: tuple[float, float, float, float] | None = None
    kinds: tuple[str, ...] | None = None
    state: str = ""
    owner: str = ""
    district: str = ""
    cell: str = ""
    q: str = ""
    source: int | None = None
    given: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, session: Session, args: Mapping[str, Any]) -> "Filters":
        """Return the filters in a query string, or raise the sentence that says what is wrong."""
        state = fields.text(args, "state", most=12)
        if state and state not in STATES:
            raise Refused(
                sentence("“%(state)s” is no state. Choose one of: %(known)s."),
                state=state,
                known=", ".join(STATES),
            ).about("state")
        names = ("bbox", "kind", "big", "state", "owner", "district", "cell", "q", "import")
        return cls(
            bbox=fields.box(args),
            kinds=_kinds(session, args),
            state=state,
            owner=fields.text(args, "owner", most=40),
            district=fields.text(args, "district", most=12),
            cell=fields.text(args, "cell", most=20),
            q=fields.text(args, "q", most=60),
            source=fields.integer(args, "import", least=1) if args.get("import") else None,
            given={name: str(args[name]) for name in names if args.get(name)},
        )

    def where(self) -> tuple[list[str], dict[str, Any]]:
        """Return the SQL conditions on ``parts p`` and their binds."""
        clauses: list[str] = []
        binds: dict[str, Any] = {}
        for clause, values in self._each():
            clauses.append(clause)
            binds |= values
        if not self.state:
            clauses.append("p.state <> 'removed'")
        return clauses, binds

    def _each(self) -> list[tuple[str, dict[str, Any]]]:
        area = self.cell or self.district
        found: list[tuple[bool, str, dict[str, Any]]] = [
            (
                self.bbox is not None,
                "p.geom && ST_MakeEnvelope(:w, :s, :e, :n, 4490)",
                dict(zip("wsen", self.bbox or (), strict=False)),
            ),
            (self.kinds is not None, *_of_kinds(self.kinds or ())),
            (bool(self.state), "p.state = :state", {"state": self.state}),
            (bool(self.owner), "p.owner = :owner", {"owner": self.owner}),
            (bool(self.cell), IN_CELL, {"cell": self.cell}),
            (
                bool(self.district),
                "p.code >= :area AND p.code < :area_end",
                {"area": area, "area_end": after_prefix(area) if area else ""},
            ),
            (self.source is not None, "p.import_id = :source", {"source": self.source}),
            (bool(self.q), *_words(self.q)),
        ]
        return [(clause, binds) for wanted, clause, binds in found if wanted]


def _of_kinds(kinds: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    # Of one kind the index gives the order too; of several it could not.
    if len(kinds) == 1:
        return "p.kind = :kind", {"kind": kinds[0]}
    return "p.kind = ANY(:kinds)", {"kinds": list(kinds)}


def _words(q: str) -> tuple[str, dict[str, Any]]:
    """Return how parts are found by the start of their code, by their own number or by name."""
    own = "lower(p.external_id) = lower(:q)"
    if q.isascii() and q.isdigit():
        binds = {"q": q, "q_end": after_prefix(q)}
        return f"(p.code >= :q AND p.code < :q_end OR {own})", binds
    # One character makes no pair, so it finds what the index cannot: nobody asks for that often.
    paired = "bigrams(p.name) @> bigrams(CAST(:q AS text)) AND " if len(q) > 1 else ""
    return f"({paired}strpos(p.name, :q) > 0 OR {own})", {"q": q}


def _kinds(session: Session, args: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the kinds meant by ``kind`` and by the big class ``big``; None for all."""
    wanted, big = fields.text(args, "kind", most=12), fields.text(args, "big", most=4)
    book = handbook(session)
    if wanted:
        return (book.kind(wanted, with_part=True).id,)
    if big:
        return tuple(k.id for k in book.kinds.values() if k.family == "part" and k.big_code == big)
    return None
