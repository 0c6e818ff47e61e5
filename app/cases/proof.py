"""The evidence of one case as it lies in the database, for who files or closes it."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.cases import evidence, queries
from app.cases.evidence import Remark, Shot
from app.kernel import sql
from app.kernel.auth import Actor
from app.kernel.i18n import translate
from app.workflow.engine import Move

EVIDENCE = queries.source("evidence")


def shots(session: Session, case_id: int) -> list[Shot]:
    """Return what is known about each photo of a case; looked up once in a session."""
    kept: dict[int, list[Shot]] = session.info.setdefault("evidence", {})
    if case_id not in kept:
        rows = sql.ask(session, EVIDENCE, {"case": case_id}).dicts()
        kept[case_id] = [Shot(**{k: v for k, v in row.items() if k != "position"}) for row in rows]
    return kept[case_id]


def shown(session: Session, row: Row[Any], actor: Actor, *, photos: bool) -> dict[str, Any]:
    """Return the evidence of the case in ``row`` by photo, empty for who may not judge it.

    ``photos`` says whether the case has any: without them nothing is looked up, now or later.
    """
    if not photos:
        session.info.setdefault("evidence", {})[row.id] = []
    may = evidence.READERS & actor.permissions and actor.covers(row.cell or "")
    if not (photos and may):
        return {}
    return {shot.photo: _told(shot) for shot in shots(session, row.id)}


def _told(shot: Shot) -> dict[str, Any]:
    found = evidence.remarks(shot)
    return {
        "score": evidence.score(found),
        "serious": any(one.serious for one in found),
        "reasons": [_said(one) for one in found],
        "twin": shot.twin_uid,
        "taken_at": queries.iso(shot.taken_at),
        "metres": None if shot.camera_metres is None else round(shot.camera_metres),
    }


def _said(remark: Remark) -> str:
    return translate(remark.message, **remark.facts)


def asking(session: Session, row: Row[Any], move: Move) -> Move:
    """Return ``move``, asking also for a decision where a photo was reused or is from far off."""
    if move.action not in evidence.ASKING or not evidence.is_serious(shots(session, row.id)):
        return move
    return replace(move, asks=(*move.asks, evidence.ASK))
