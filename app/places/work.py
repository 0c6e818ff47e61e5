"""What the worker does for the grid: divisions, checks and imports, with progress and an end."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import audit, bulk, uploads
from app.kernel.auth import Actor
from app.kernel.errors import sentence
from app.kernel.i18n import translate
from app.kernel.queue import Progress
from app.places import areas, beats, grids, imports
from app.places.queries import city_profile
from config import Config
from gis.check import Fault

Sessions = sessionmaker[Session]
MOST_FAULTS = 500
DIVIDING = sentence("dividing the areas")
CHECKING = sentence("checking the cells")
READING = sentence("reading the file")
GROUPING = sentence("grouping the cells")
POINTS = text(
    "SELECT c.code, ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT code, ST_PointOnSurface(geom) AS p"
    " FROM cells WHERE code = ANY(:codes)"
    " UNION ALL SELECT code, ST_PointOnSurface(geom) FROM areas WHERE code = ANY(:codes)) c"
)


def handlers(sessions: Sessions, settings: Config) -> dict[str, Callable[..., Any]]:
    """Return who does which job of this capability."""
    return {
        "make_cells": lambda progress, **args: make_cells(progress, sessions, **args),
        "check_cells": lambda progress, **args: check_cells(progress, sessions, **args),
        "balance_beats": lambda progress, **args: balance_beats(progress, sessions, **args),
        "import_divisions": lambda progress, **args: import_divisions(
            progress, sessions, settings, **args
        ),
        "import_areas": lambda progress, **args: import_areas(progress, sessions, settings, **args),
    }


def make_cells(
    progress: Progress,
    sessions: Sessions,
    *,
    within: str,
    target_area: float,
    balanced: bool,
) -> None:
    """Divide the areas below ``within``, check the cells, and end the job with both results."""
    progress.tell(0, None, DIVIDING)
    with sessions.begin() as session:
        rules = city_profile(session)
        made = grids.make_cells(
            session, within, target_area, rules, balanced=balanced, tell=progress.tell
        )
        progress.tell(made, made, CHECKING)
        cells, faults = grids.check(session, within, rules)
        result = {"made": made, **report(session, cells, faults)}
        progress.finish(session, result)


def check_cells(progress: Progress, sessions: Sessions, *, within: str) -> None:
    """Check the cells in use below ``within`` and end the job with the report."""
    progress.tell(0, None, CHECKING)
    with sessions.begin() as session:
        cells, faults = grids.check(session, within, city_profile(session))
        progress.finish(session, report(session, cells, faults))


def report(session: Session, cells: int, faults: Iterable[Fault]) -> dict[str, Any]:
    """Return the report of a check as a page shows it: counts, sentences, where to look."""
    found = list(faults)
    shown = sorted(found, key=lambda f: f.is_warning)[:MOST_FAULTS]
    codes = sorted({fault.code for fault in shown})
    points = {r.code: (r.lon, r.lat) for r in session.execute(POINTS, {"codes": codes})}
    warnings = sum(fault.is_warning for fault in found)
    items = [
        {
            "code": fault.code,
            "kind": fault.kind.value,
            "warning": fault.is_warning,
            "message": translate(fault.message, **fault.facts),
            "at": fault.at or points.get(fault.code),
        }
        for fault in shown
    ]
    return {
        "cells": cells,
        "faults": len(found) - warnings,
        "warnings": warnings,
        "items": items,
    }


def balance_beats(
    progress: Progress, sessions: Sessions, *, within: str, shift: int, count: int, by: str
) -> None:
    """Regroup the cells below ``within`` into beats and end the job with their loads."""
    progress.tell(0, None, GROUPING)
    with sessions.begin() as session:
        # The web asked for it after seeing that this person may change the whole district.
        who = Actor(progress.actor_id or 0, "", frozenset({"place.edit"}))
        result = beats.balance(session, who, beats.Regrouping(within, shift, count, by))
        progress.finish(session, result)


def import_divisions(
    progress: Progress, sessions: Sessions, settings: Config, *, upload: str
) -> None:
    """Store the division tree of an uploaded file and end the job with the report."""
    progress.tell(0, None, READING)
    with sessions.begin() as session:
        file = uploads.find(session, settings.data, upload)
        run = imports.import_divisions(
            session, file.path, folder=settings.data, tell=progress.tell, say=translate
        )
        _end(progress, session, run, "divisions.import", file.name)


def import_areas(
    progress: Progress,
    sessions: Sessions,
    settings: Config,
    *,
    upload: str,
    level: str,
    coord_sys: str | None,
    mapping: str | None = None,
) -> None:
    """Store the polygons of an uploaded file and end the job with the report."""
    progress.tell(0, None, READING)
    with sessions.begin() as session:
        file = uploads.find(session, settings.data, upload)
        columns = uploads.find(session, settings.data, mapping).path if mapping else None
        run = areas.import_areas(
            session,
            file.path,
            level=level,
            coord_sys=coord_sys,
            mapping=columns,
            folder=settings.data,
            say=translate,
        )
        _end(progress, session, run, "areas.import", file.name)


def _end(progress: Progress, session: Session, run: bulk.Run, action: str, name: str) -> None:
    who = Actor(progress.actor_id or 0, "")
    audit.note(session, who, action, name, result=f"{run.stored}/{run.read}")
    progress.finish(session, run.told())
