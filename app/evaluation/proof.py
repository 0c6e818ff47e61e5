"""Proof that tallies, marks and journals tell the same counts."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.evaluation.indicators import numbered
from app.evaluation.marks import FOLD, source

SAMPLE, BATCH = 5_000, 2_000
UNLIKE = text(FOLD + numbered(source("unlike")))
UNTALLIED = text(numbered(source("untallied")))
KNOWN = text("SELECT at, whole_at IS NOT NULL AS whole FROM mark_cursor")
# What the feed still tells, or time just changed, is the next run's, not a difference.
LOOKED_AT = text(
    "SELECT id FROM cases c WHERE id > :after AND (:every OR id IN (SELECT id FROM cases"
    " ORDER BY hashint8(id) LIMIT :sample))"
    " AND NOT EXISTS (SELECT FROM outbox o WHERE o.subject_id = c.id)"
    " AND NOT EXISTS (SELECT FROM feed f, mark_cursor k"
    "  WHERE f.seq > k.seq AND f.subject_id = c.id)"
    " ORDER BY id LIMIT :most"
)


def walk(session: Session, *, every: bool = False) -> Iterator[dict[str, Any]]:
    """Yield each tally that is no sum of marks, and each mark that the journal does not tell.

    Of the journals ``SAMPLE`` are folded anew, all if ``every``.  A history that was never
    counted whole has nothing to compare.
    """
    known = session.execute(KNOWN).one()
    if not known.whole:
        return
    for row in session.execute(UNTALLIED).mappings():
        yield {"what": "a tally is not the sum of its marks", **row}
    asked = {"after": 0, "every": every, "sample": SAMPLE, "most": BATCH}
    while ids := session.scalars(LOOKED_AT, asked).all():
        for row in session.execute(UNLIKE, {"ids": list(ids), "at": known.at}).mappings():
            yield {"what": "a mark is not what the journal tells", **row}
        asked["after"] = ids[-1]
