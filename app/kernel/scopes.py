"""Which rows an actor may know of: one place decides, every read of cases asks it."""

from typing import Any

from app.kernel.auth import Actor

IN_MEMBERS = (
    "EXISTS (SELECT FROM unnest(CAST(:lows AS text[]), CAST(:highs AS text[])) m (low, high)"
    " WHERE c.cell >= m.low AND c.cell < m.high)"
)
"""Ranges of codes rather than a list of cells: each is one comparison, however large its ground."""

HELPS = (
    "c.id = ANY(ARRAY(SELECT h.case_id FROM case_helpers h WHERE h.department = :own_department))"
)
"""Cases that the department helps with (协办), or has helped with."""
HELD = "c.department = :own_department"
HELD_OR_HELPED = f"({HELD} OR {HELPS})"


def visible(actor: Actor) -> tuple[list[str], dict[str, Any]]:
    """Return the SQL conditions on ``cases c`` that hide what ``actor`` may not see, and binds.

    A post with an area sees the cells that begin with it (those of a zone begin with one of its
    members), and what its holder reported elsewhere (跨网格); a department sees what it was given,
    and what it was asked to help with.
    An imported case outside every cell is seen by those without an area.
    """
    clauses: list[str] = []
    binds: dict[str, Any] = {}
    if actor.members:
        clauses.append(f"({IN_MEMBERS} OR c.reporter_id = :self)")
        binds |= {"lows": list(actor.members), "self": actor.person_id}
        binds["highs"] = [after_prefix(member) for member in actor.members]
    elif actor.area:
        clauses.append("(c.cell >= :area AND c.cell < :area_end OR c.reporter_id = :self)")
        ends = after_prefix(actor.area)
        binds |= {"area": actor.area, "area_end": ends, "self": actor.person_id}
    if actor.department is not None:
        clauses.append(HELD_OR_HELPED)
        binds["own_department"] = actor.department
    return clauses, binds


def ways(clauses: list[str]) -> list[list[str]]:
    """Return the conditions that together mean ``clauses``, each answered from one index.

    A department's cases lie in its own index and those it helps with in another: asked for
    with one OR, they are found in neither.
    """
    if HELD_OR_HELPED not in clauses:
        return [clauses]
    return [[way if c == HELD_OR_HELPED else c for c in clauses] for way in (HELD, HELPS)]


def after_prefix(prefix: str) -> str:
    """Return the first text, in code point order, behind all that begin with ``prefix``.

    >>> after_prefix("3799")
    '379:'
    """
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
