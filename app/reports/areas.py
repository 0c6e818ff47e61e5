"""Where the areas of a thematic map lie, and how many open cases are late in each."""

import json
from collections import Counter
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import queries as cases
from app.kernel import sql
from app.kernel.auth import Actor

source = partial(sql.read, Path(__file__).parent)
DIGITS = {"district": 6, "street": 9, "community": 12, "cell": 14}


def outlines(session: Session, level: str) -> list[dict[str, Any]]:
    """Return the areas of a level: code, name, ``geojson`` and SVG ``path``, box, inner point."""
    rows = session.execute(text(source("outlines")), {"level": level})
    return [dict(row) for row in rows.mappings()]


def late_by_area(session: Session, level: str, at: datetime) -> dict[str, int]:
    """Return the number of open cases that are late ``at``, by area of ``level``."""
    told = {"digits": DIGITS[level], "at": at}
    return {row.area: row.n for row in session.execute(text(source("late_areas")), told)}


def late_cases(session: Session, area: str, *, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    """Return the open cases that are late in ``area`` ("": everywhere), the latest first."""
    told = {"area": area, "at": at}
    ids = list(session.scalars(text(source("late_cases")), told))
    whole = Actor(actor.person_id, actor.post, actor.permissions)
    rows = cases.by_ids(session, whole, sorted(ids))
    shown = dict(zip((row.id for row in rows), cases.items(session, rows, at), strict=True))
    return [shown[one] for one in ids if one in shown]


def collection(found: list[dict[str, Any]], facts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return areas as a GeoJSON collection; ``facts`` by code become properties."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": one["code"], "name": one["name"], **facts[one["code"]]},
                "geometry": json.loads(one["geojson"]),
            }
            for one in found
            if one["code"] in facts
        ],
    }


def name_of(session: Session, area: str) -> str:
    """Return what ``area`` is called; a cell by its code."""
    asked = text("SELECT name FROM divisions WHERE code = :area")
    return str(session.execute(asked, {"area": area}).scalar() or area)


def owing(items: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Return the departments that hold ``items`` and how many each, the most first."""
    found = Counter(item["department_name"] or "" for item in items)
    return found.most_common()
