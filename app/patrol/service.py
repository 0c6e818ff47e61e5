"""Keeping where inspectors are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import audit
from app.kernel.auth import Actor
from app.patrol import queries, rules

KEEP = text(queries.source("keep"))


@dataclass(frozen=True, slots=True)
class Fix:
    """A position of a phone: degrees in EPSG:4490, metres, an instant."""

    lon: float
    lat: float
    accuracy_m: float
    at: datetime


def keep(session: Session, fixes: Sequence[Fix], *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Keep the fixes of ``actor``'s phone and return how many were new and how many left out.

    The same fix sent again is known by its time.  Fixes of the future, of last week or worse
    than two kilometres are left out: a phone that was offline must not lose the good ones.
    """
    good = [fix for fix in fixes if rules.admits(fix.at, fix.accuracy_m, at)]
    kept = 0
    if good:
        told = {
            "person": actor.person_id,
            "times": [fix.at for fix in good],
            "lons": [fix.lon for fix in good],
            "lats": [fix.lat for fix in good],
            "accuracies": [fix.accuracy_m for fix in good],
        }
        kept = session.execute(KEEP, told).scalar_one()
    audit.note(session, actor, "position.send", f"{kept} of {len(fixes)}")
    return {"kept": kept, "left_out": len(fixes) - len(good)}
