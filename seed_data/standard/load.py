"""What every city starts with: code tables, handbook, posts, calendar, flow, scheme.

Runs after each migration and changes nothing that is already there: a city's own
rows are never overwritten.
"""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.cases import rules as cases
from app.catalogue import service as catalogue
from app.evaluation.schemes import shipped
from app.org.rules import PERMISSIONS, POSTS
from app.places.queries import city_profile
from app.workflow import service as workflow
from grid_codes.conditions import conditions
from grid_codes.holidays import DayOff
from seed_data.standard import handbook

HERE = Path(__file__).parent
FLOW = HERE.parent / "flows" / "standard.json"


def load(session: Session, profile: str) -> None:
    """Store the standard rows that are not there yet, for code profile ``profile``.

    A city that has a profile keeps it: ``switch`` changes it, never the environment.
    """
    told = {"profile": profile}
    session.execute(
        text("INSERT INTO city (profile) VALUES (:profile) ON CONFLICT DO NOTHING"), told
    )
    profile = city_profile(session).name
    _posts(session)
    _catalogue(session, profile)
    if not session.execute(text("SELECT 1 FROM calendars WHERE name = 'default'")).first():
        catalogue.import_days(session, "default", holidays())
    if _flow_is_old(session):
        publish_standard(session)
    _schemes(session)


def _schemes(session: Session) -> None:
    """Publish the shipped schemes a city lacks; a changed one is a new version, as its own are."""
    store = text(
        "INSERT INTO schemes (code, version, object, name, document, state, published_at)"
        " SELECT CAST(:code AS text), 1, :object, :name, CAST(:document AS jsonb), 'published',"
        " now() WHERE NOT EXISTS (SELECT FROM schemes WHERE code = :code)"
    )
    choose = text(
        "INSERT INTO scheme_defaults (object, code) VALUES (:object, :code) ON CONFLICT DO NOTHING"
    )
    for one in shipped():
        session.execute(store, {**one, "document": json.dumps(one, ensure_ascii=False)})
        session.execute(choose, one)


def _flow_is_old(session: Session) -> bool:
    """Say whether the newest flow is none of the city's own and not the one shipped now.

    Cases keep the version they were born under; only new ones follow what is published here.
    """
    ask = "SELECT name, document FROM flows ORDER BY id DESC LIMIT 1"
    newest = session.execute(text(ask)).first()
    return newest is None or (newest.name == "standard" and newest.document != flow_document())


def flow_document() -> dict[str, Any]:
    """Return the standard flow as it is published."""
    document: dict[str, Any] = json.loads(FLOW.read_text(encoding="utf-8"))
    return document


def publish_standard(session: Session) -> int:
    """Publish the standard flow and return its version."""
    return workflow.publish(
        session,
        "standard",
        flow_document(),
        guards=cases.GUARDS,
        effects=cases.EFFECTS,
        permissions={"system"}.union(*PERMISSIONS.values()),
        fields=cases.FIELDS,
    )


def holidays() -> list[DayOff]:
    """Return the announced days off and make-up days that are shipped (2025 and 2026)."""
    rows = _rows("holidays")
    return [DayOff(date.fromisoformat(r["day"]), r["working"] == "0", r["name"]) for r in rows]


def _posts(session: Session) -> None:
    for position, post in enumerate(POSTS):
        new = session.execute(
            text(
                "INSERT INTO posts (code, position) VALUES (:code, :n)"
                " ON CONFLICT DO NOTHING RETURNING 1"
            ),
            {"code": post, "n": position},
        ).first()
        if new:
            session.execute(
                text("INSERT INTO post_permissions (post, permission) VALUES (:post, :permission)"),
                [{"post": post, "permission": p} for p in sorted(PERMISSIONS[post])],
            )


def _catalogue(session: Session, profile: str) -> None:
    if session.execute(text("SELECT 1 FROM kinds")).first():
        return
    handbook.store_kinds(session, handbook.kind_rows(profile))
    handbook.store_conditions(session, conditions(profile))


def _rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that lies beside this file."""
    text_of = (HERE / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text_of.splitlines()))
