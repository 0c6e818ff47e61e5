"""Reading where inspectors are: last positions, tracks, who is on duty."""

from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.clock import CITY_TIME, local
from app.kernel.errors import NotFound, sentence
from app.patrol.rules import FRESH

source = partial(sql.read, Path(__file__).parent)
DUTY = text(source("duty"))
TRACK = text(
    "SELECT at, ST_X(place) AS lon, ST_Y(place) AS lat, accuracy_m FROM track_points"
    " WHERE person_id = :person AND at >= :begins AND at < :ends ORDER BY at LIMIT 5000"
)
WHO = text("SELECT area FROM people WHERE id = :person AND post = 'inspector'")


def duty(session: Session, actor: Actor, *, at: datetime) -> list[dict[str, Any]]:
    """Return the inspectors of the actor's area with their last position and whether on duty.

    On duty is who is on shift now, or sent a position within the last half hour.
    """
    rows = session.execute(DUTY, {"clock": local(at).time(), "fresh": at - FRESH})
    return [_inspector(row) for row in rows.mappings() if _shared(actor, row["area"])]


def _shared(actor: Actor, area: str) -> bool:
    """Say whether ``actor`` has any ground in common with who covers ``area``."""
    return any(area.startswith(own) or own.startswith(area) for own in actor.areas)


def _inspector(row: Any) -> dict[str, Any]:
    place = None
    if row["at"]:
        found = {name: float(row[name]) for name in ("lon", "lat", "accuracy_m")}
        place = {**found, "at": local(row["at"]).isoformat(timespec="seconds")}
    on_shift = bool(row["beats"])
    return {
        "person": row["id"],
        "name": row["name"],
        "beats": list(row["beats"]),
        "on_shift": on_shift,
        "on_duty": on_shift or row["seen_lately"],
        "position": place,
    }


def track(session: Session, actor: Actor, person: int, day: date) -> dict[str, Any]:
    """Return where inspector ``person`` was on ``day``, in order; ``NotFound`` if not of the area.

    The day is the city's, from midnight to midnight.
    """
    area = session.execute(WHO, {"person": person}).scalar_one_or_none()
    if area is None or not _shared(actor, area):
        raise NotFound(sentence("There is no such inspector in your area."), person=person)
    begins = datetime.combine(day, time(), CITY_TIME)
    asked = {"person": person, "begins": begins, "ends": begins + timedelta(days=1)}
    fixes = [
        {
            "at": local(row.at).isoformat(timespec="seconds"),
            "lon": row.lon,
            "lat": row.lat,
            "accuracy_m": row.accuracy_m,
        }
        for row in session.execute(TRACK, asked)
    ]
    return {"person": person, "day": day.isoformat(), "fixes": fixes}
