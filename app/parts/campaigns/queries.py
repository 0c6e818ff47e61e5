"""Reading surveys: how far they are, cell by cell, and what is left to look at."""

from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, sentence

read = partial(sql.read, Path(__file__).parent)
PROGRESS, CELL_PARTS = read("progress"), read("cell_parts")
CELLS = (
    "SELECT k.cell, k.state, k.expected, k.surveyor_id, p.name AS surveyor, k.done_at::text AS"
    " done_at, k.drawn_at IS NOT NULL AS drawn, k.sample, ST_X(s.p) AS lon, ST_Y(s.p) AS lat,"
    " f.looked_at, f.added FROM campaign_cells k JOIN cells c ON c.code = k.cell"
    " CROSS JOIN LATERAL (SELECT count(DISTINCT part) AS looked_at,"
    "  count(DISTINCT part) FILTER (WHERE verdict = 'added') AS added FROM campaign_findings"
    "  WHERE campaign = k.campaign AND cell = k.cell) f"
    " CROSS JOIN LATERAL (SELECT ST_PointOnSurface(c.geom) AS p) s"
    " LEFT JOIN people p ON p.id = k.surveyor_id"
    " WHERE k.campaign = :campaign AND k.cell > :after AND (:state = '' OR k.state = :state)"
    " AND (NOT :drawn OR k.drawn_at IS NOT NULL)"
    " AND EXISTS (SELECT FROM unnest(CAST(:areas AS text[])) a WHERE starts_with(k.cell, a))"
    " ORDER BY k.cell LIMIT :most"
)
CELL = (
    "SELECT k.*, c.community, ST_XMin(c.geom) AS w, ST_YMin(c.geom) AS s, ST_XMax(c.geom) AS e,"
    " ST_YMax(c.geom) AS n, ST_AsGeoJSON(c.geom, 9)::json AS shape, d.name AS community_name"
    " FROM campaign_cells k JOIN cells c ON c.code = k.cell"
    " LEFT JOIN divisions d ON d.code = c.community"
    " WHERE k.campaign = :campaign AND k.cell = :cell"
)


def every(session: Session) -> list[dict[str, Any]]:
    """Return all surveys with their progress, open ones first."""
    return sql.ask(session, PROGRESS, {"only": None}).dicts()


def one(session: Session, campaign: int) -> dict[str, Any]:
    """Return one survey with its progress, or raise ``NotFound``."""
    rows = sql.ask(session, PROGRESS, {"only": campaign}).dicts()
    if not rows:
        raise NotFound(sentence("There is no such survey."), survey=campaign)
    return rows[0]


def cells(
    session: Session,
    campaign: int,
    *,
    state: str = "",
    drawn: bool = False,
    actor: Actor | None = None,
    after: str = "",
    limit: int = 100,
) -> dict[str, Any]:
    """Return the cells of a survey that ``actor`` covers, in order: ``{"items", "next"}``."""
    binds = {
        "campaign": campaign,
        "state": state,
        "drawn": drawn,
        "areas": _areas(actor),
        "after": after,
        "most": limit + 1,
    }
    rows = sql.ask(session, CELLS, binds).dicts()
    return {"items": rows[:limit], "next": rows[limit - 1]["cell"] if len(rows) > limit else None}


def cell(session: Session, campaign: int, code: str) -> dict[str, Any]:
    """Return one cell of a survey with its shape and the parts to look at, or ``NotFound``."""
    row = sql.ask(session, CELL, {"campaign": campaign, "cell": code}).first()
    if row is None:
        raise NotFound(sentence("This cell is not in the survey."), cell=code)
    parts = sql.ask(session, CELL_PARTS, {"campaign": campaign, "cell": code}).dicts()
    shown = ("cell", "state", "expected", "surveyor_id", "sample", "community_name", "shape")
    return {
        **{name: getattr(row, name) for name in shown},
        "bbox": [row.w, row.s, row.e, row.n],
        "drawn": row.drawn_at is not None,
        "parts": [part | {"kind": part["kind"][1:]} for part in parts],
    }


def _areas(actor: Actor | None) -> list[str]:
    """Return the prefixes of cell codes that ``actor`` covers; the empty one begins every code."""
    return list(actor.members) or [actor.area] if actor else [""]


def open_for(session: Session, actor: Actor) -> list[dict[str, Any]]:
    """Return the open surveys that have cells which ``actor`` covers, for phones."""
    rows = session.execute(
        text(
            "SELECT c.id, c.name, c.due_on::text AS due_on, count(*) AS cells,"
            " count(*) FILTER (WHERE k.state IN ('waiting', 'working', 'failed')) AS left"
            " FROM campaigns c JOIN campaign_cells k ON k.campaign = c.id"
            " WHERE c.state = 'open' AND EXISTS"
            " (SELECT FROM unnest(CAST(:areas AS text[])) a WHERE starts_with(k.cell, a))"
            " GROUP BY c.id ORDER BY c.due_on, c.id"
        ),
        {"areas": _areas(actor)},
    )
    return [dict(row._mapping) for row in rows]
