"""Reports of the same thing: a ranked list of cases nearby, while somebody still types.

The same small class within 50 m and a day is the usual prompt of city handbooks; here a wider ring
is searched and each case says why it is in the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import queries
from app.catalogue.queries import handbook
from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.errors import sentence
from app.kernel.i18n import translate
from app.kernel.scopes import visible
from app.places.addresses.words import similarity

NEAR = sql.read(Path(__file__).parent, "duplicates")
METRES = 100.0
SINCE, CLOSED_SINCE = timedelta(days=30), timedelta(days=7)
MOST = 10
LEAST = 0.45
"""What is less alike than this is no duplicate."""

SAME_PART = sentence("the same part")
SAME_KIND = sentence("the same kind")
SAME_CLASS = sentence("a related kind")
AWAY = sentence("%(metres)s m away")
WORDS = sentence("similar words")


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a report so far; ``kind`` is the id with its letter, "" if not chosen."""

    kind: str
    words: str = ""
    part: str | None = None


def likeness(told: Told, item: Mapping[str, Any], metres: float, age: timedelta) -> float:
    """Return how likely a case is about the same thing, 0 to 1.

    Kind 0.40 (a related one 0.2), distance 0.30, words 0.20, age 0.10; the same part is certain.
    """
    if told.part and item["part_code"] == told.part:
        return 1.0
    kind = _kind_share(told.kind, _id_of(item))
    near = max(0.0, 1 - metres / METRES)
    fresh = max(0.0, 1 - age / SINCE)
    return 0.4 * kind + 0.3 * near + 0.2 * similarity(told.words, item["description"]) + 0.1 * fresh


def _kind_share(one: str, other: str) -> float:
    """Return 1 for the same kind, a half for one of the same big class, else 0."""
    if one == other:
        return 1.0
    return 0.5 if one[:3] == other[:3] else 0.0


def _id_of(item: Mapping[str, Any]) -> str:
    return ("C" if item["family"] == "part" else "E") + str(item["kind"])


def reasons(told: Told, item: Mapping[str, Any], metres: float) -> list[str]:
    """Return why a case is in the list, in the reader's language."""
    share = _kind_share(told.kind, _id_of(item))
    found = [translate(SAME_PART)] if told.part and item["part_code"] == told.part else []
    if share:
        found.append(translate(SAME_KIND if share == 1 else SAME_CLASS))
    found.append(translate(AWAY, metres=round(metres)))
    if similarity(told.words, item["description"]) >= 0.3:
        found.append(translate(WORDS))
    return found


def search(
    session: Session,
    actor: Actor,
    told: Told,
    *,
    lon: float,
    lat: float,
    at: datetime,
    only_open: bool = False,
) -> list[dict[str, Any]]:
    """Return the cases around a point (EPSG:4490) that may be about the same, likest first."""
    clauses, binds = visible(actor)
    ask = NEAR.replace("/*visible*/ true", " AND ".join(["true", *clauses]))
    asked = {
        "lon": lon,
        "lat": lat,
        "metres": METRES,
        "since": at - SINCE,
        "closed_since": at - CLOSED_SINCE,
    }
    metres = {row.id: row.metres for row in session.execute(text(ask), {**asked, **binds})}
    if not metres:
        return []
    rows = queries.by_ids(session, actor, list(metres))
    found = [
        _shown(told, one, metres[row.id], at - row.reported_at)
        for row, one in zip(rows, queries.items(session, rows, at), strict=True)
    ]
    alike = [one for one in found if one["score"] >= LEAST and not (only_open and one["closed_at"])]
    return sorted(alike, key=lambda one: (-one["score"], one["distance"], one["uid"]))[:MOST]


def _shown(told: Told, item: dict[str, Any], metres: float, age: timedelta) -> dict[str, Any]:
    return {
        **item,
        "distance": round(metres, 1),
        "score": round(likeness(told, item, metres, age), 3),
        "reasons": reasons(told, item, metres),
    }


def told_of(session: Session, kind: str, words: str, part: str | None) -> Told:
    """Return what is known of a report; raise ``Refused`` for a kind that there is none of."""
    return Told(handbook(session).kind(kind, with_part=part is not None).id, words, part)
