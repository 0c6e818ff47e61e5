"""Carrying out surveys: beginning one, judging parts, finishing cells, sampling, closing.

A survey lends its surveyors the right to write the parts of its cells, and to nobody else.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalogue.queries import handbook
from app.kernel import audit, sql
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.kernel.scopes import after_prefix
from app.parts import service as parts
from app.parts.campaigns import queries, rules
from app.parts.campaigns.rules import Check
from app.places.queries import city_profile

HERE = Path(__file__).parent
ENTER = text(sql.read(HERE, "enter_cells"))
BEGIN = text(
    "INSERT INTO campaigns (name, area, kinds, due_on, actor_id)"
    " VALUES (:name, :area, :kinds, :due_on, :actor) ON CONFLICT (name) DO NOTHING RETURNING id"
)
LOCK = text(
    "SELECT k.state, k.surveyor_id, k.drawn_at, k.sample, c.state AS campaign_state, c.kinds"
    " FROM campaign_cells k JOIN campaigns c ON c.id = k.campaign"
    " WHERE k.campaign = :campaign AND k.cell = :cell FOR UPDATE OF k FOR SHARE OF c"
)
WORKING = text(
    "UPDATE campaign_cells SET state = 'working', surveyor_id = :actor, drawn_at = NULL,"
    " sample = NULL, checker_id = NULL WHERE campaign = :campaign AND cell = :cell"
)
FOUND = text(
    "INSERT INTO campaign_findings (campaign, cell, part, verdict, note, actor_id)"
    " VALUES (:campaign, :cell, :part, :verdict, :note, :actor)"
)
DONE = text(
    "UPDATE campaign_cells SET state = 'done', surveyor_id = :actor, done_at = now()"
    " WHERE campaign = :campaign AND cell = :cell"
)
DRAWN = text(
    "UPDATE campaign_cells SET drawn_at = now()"
    " WHERE campaign = :campaign AND cell = ANY(:cells) AND drawn_at IS NULL"
)
CHECKED = text(
    "UPDATE campaign_cells SET state = :state, sample = CAST(:sample AS jsonb),"
    " checker_id = :actor WHERE campaign = :campaign AND cell = :cell"
)
CLOSE = text(
    "UPDATE campaigns SET state = 'closed', accepted = :accepted, closed_at = now() WHERE id = :id"
)


def begin(
    session: Session, *, name: str, area: str, kinds: list[str], due_on: date, actor: Actor
) -> int:
    """Begin a survey of ``area`` (a division or a zone) and return its number."""
    _require_over(actor, "survey.manage", area)
    book = handbook(session)
    ids = sorted({book.kind(kind, with_part=True).id for kind in kinds})
    told = {"name": name, "area": area, "kinds": ids, "due_on": due_on, "actor": actor.person_id}
    number: int | None = session.execute(BEGIN, told).scalar()
    if number is None:
        raise Refused(sentence("There is a survey of this name already.")).about("name")
    binds = {"campaign": number, "area": area, "area_end": after_prefix(area), "kinds": ids}
    if not session.execute(ENTER, binds).rowcount:  # type: ignore[attr-defined]
        raise Refused(sentence("There is no cell in this area. Divide it first.")).about("area")
    audit.note(session, actor, "survey.begin", name)
    return number


def _require_over(actor: Actor, permission: str, area: str) -> None:
    """Raise unless ``area`` is the actor's own (a division or a zone) or lies in it."""
    if area != actor.area:
        actor.require(permission, at=area)


def judge(
    session: Session,
    campaign: int,
    cell: str,
    *,
    part: str,
    verdict: str,
    changes: Mapping[str, Any],
    note: str,
    seen: int,
    actor: Actor,
) -> dict[str, Any]:
    """Record what was found of one part; its state and fields follow.

    Raises ``Conflict`` if the part was changed since it was ``seen``.
    """
    kinds = _opened(session, campaign, cell, actor).kinds
    if verdict not in rules.VERDICTS:
        raise Refused(sentence("“%(value)s” is not one of the choices."), value=verdict).about(
            "verdict"
        )
    state = rules.VERDICTS[verdict]
    if verdict == "wrong" and not changes:
        raise Refused(sentence("Say what is right: change at least one field.")).about("changes")
    found = parts.edit(
        session,
        part,
        changes={**changes, **({"state": state} if state else {})},
        geometry=None,
        coord_sys="cgcs2000",
        reason=note or rules.VERDICT_WORDS[verdict],
        seen=seen,
        actor=_lent(actor),
        profile=city_profile(session),
    )
    # What is lent is the parts of this cell: the change just made is taken back.
    if found["cell"] != cell or (kinds and f"C{found['kind']}" not in kinds):
        raise Refused(sentence("This part is not one that the survey looks at here.")).about("part")
    _keep(session, campaign, cell, part, verdict, note, actor)
    return found


def add(
    session: Session,
    campaign: int,
    cell: str,
    *,
    kind: str,
    geometry: Mapping[str, Any],
    coord_sys: str,
    changes: Mapping[str, Any],
    note: str,
    actor: Actor,
) -> dict[str, Any]:
    """Add a part that the register lacked; it must lie in the cell that is surveyed."""
    kinds = _opened(session, campaign, cell, actor).kinds
    wanted = handbook(session).kind(kind, with_part=True).id
    if kinds and wanted not in kinds:
        raise Refused(sentence("This survey is not about parts of that kind.")).about("kind")
    made = parts.add(
        session,
        kind=kind,
        geometry=geometry,
        coord_sys=coord_sys,
        changes=changes,
        reason=note or rules.VERDICT_WORDS["added"],
        actor=_lent(actor),
        profile=city_profile(session),
    )
    if made["cell"] != cell:
        raise Refused(
            sentence("This place lies in cell %(cell)s. Survey it there."), cell=made["cell"]
        ).about("geometry")
    _keep(session, campaign, cell, made["code"], "added", note, actor)
    return made


def _lent(actor: Actor) -> Actor:
    return replace(actor, permissions=actor.permissions | {"part.edit"})


def _locked(session: Session, campaign: int, cell: str, actor: Actor) -> Any:
    row = session.execute(LOCK, {"campaign": campaign, "cell": cell}).first()
    if row is None:
        raise NotFound(sentence("This cell is not in the survey."), cell=cell)
    if row.campaign_state != "open":
        raise Refused(sentence("This survey is closed."))
    return row


def _opened(session: Session, campaign: int, cell: str, actor: Actor) -> Any:
    """Return the cell, held for writing and begun by ``actor`` if nobody works in it."""
    actor.require("survey.work", at=cell)
    row = _locked(session, campaign, cell, actor)
    if row.state in ("done", "passed"):
        raise Refused(sentence("This cell is finished. It can be surveyed again if it fails."))
    if row.state != "working":
        told = {"campaign": campaign, "cell": cell, "actor": actor.person_id}
        session.execute(WORKING, told)
    return row


def _keep(
    session: Session, campaign: int, cell: str, part: str, verdict: str, note: str, actor: Actor
) -> None:
    session.execute(
        FOUND,
        {
            "campaign": campaign,
            "cell": cell,
            "part": part,
            "verdict": verdict,
            "note": note,
            "actor": actor.person_id,
        },
    )


def finish(session: Session, campaign: int, cell: str, *, actor: Actor) -> dict[str, Any]:
    """Finish a cell in which every part was judged; ``Refused`` names how many are left."""
    _opened(session, campaign, cell, actor)
    left = [p for p in queries.cell(session, campaign, cell)["parts"] if p["verdict"] is None]
    if left:
        raise Refused(
            sentence("%(count)s parts were not looked at yet, the first is %(name)s %(code)s."),
            count=len(left),
            name=left[0]["name"],
            code=left[0]["code"],
        )
    told = {"campaign": campaign, "cell": cell, "actor": actor.person_id}
    session.execute(DONE, told)
    audit.note(session, actor, "survey.finish", f"{campaign} {cell}")
    return queries.cell(session, campaign, cell)


def draw(session: Session, campaign: int, *, actor: Actor, chance: Random) -> list[str]:
    """Draw finished cells for a second look, as many as the rules ask for; return all drawn."""
    _require_over(actor, "survey.check", queries.one(session, campaign)["area"])
    rows = session.execute(
        text(
            "SELECT cell, drawn_at IS NOT NULL AS drawn FROM campaign_cells"
            " WHERE campaign = :campaign AND state IN ('done', 'passed') ORDER BY cell FOR UPDATE"
        ),
        {"campaign": campaign},
    ).all()
    drawn = [row.cell for row in rows if row.drawn]
    rest = [row.cell for row in rows if not row.drawn]
    need = rules.sample_size(len(rows)) - len(drawn)
    if not rows:
        raise Refused(sentence("No cell is finished yet: there is nothing to draw from."))
    new = sorted(chance.sample(rest, min(max(need, 0), len(rest))))
    session.execute(DRAWN, {"campaign": campaign, "cells": new})
    audit.note(session, actor, "survey.draw", str(campaign), result=",".join(new)[:200])
    return sorted(drawn + new)


def check(
    session: Session,
    campaign: int,
    cell: str,
    *,
    missed: int,
    surplus: int,
    wrong: int,
    actor: Actor,
) -> dict[str, Any]:
    """Record what a second look at a drawn cell found: it passes, or is surveyed again.

    Not by the person who surveyed it.
    """
    actor.require("survey.check", at=cell)
    row = _locked(session, campaign, cell, actor)
    if row.drawn_at is None or row.state not in ("done", "passed"):
        raise Conflict(sentence("This cell is not in the sample."))
    if row.surveyor_id == actor.person_id:
        raise Refused(sentence("Somebody else must look at a cell that you surveyed."))
    there = [p for p in queries.cell(session, campaign, cell)["parts"] if p["state"] != "removed"]
    if surplus + wrong > len(there):
        raise Refused(
            sentence("The cell has only %(count)s parts: not so many can be surplus or wrong."),
            count=len(there),
        ).about("surplus")
    found = Check(len(there), missed, surplus, wrong)
    told = {"parts": found.parts, "missed": missed, "surplus": surplus, "wrong": wrong}
    session.execute(
        CHECKED,
        {
            "campaign": campaign,
            "cell": cell,
            "state": "passed" if found.passes else "failed",
            "sample": json.dumps(told),
            "actor": actor.person_id,
        },
    )
    audit.note(session, actor, "survey.check", f"{campaign} {cell}", result=json.dumps(told))
    return queries.cell(session, campaign, cell) | {"passes": found.passes}


def close(session: Session, campaign: int, *, actor: Actor) -> bool:
    """Close a survey and return whether it is accepted: all cells done, the sample passed."""
    # Whoever works in a cell holds the survey too: nothing is finished while it is closed.
    session.execute(
        text("SELECT 1 FROM campaigns WHERE id = :id FOR UPDATE"), {"id": campaign}
    ).first()
    seen = queries.one(session, campaign)
    _require_over(actor, "survey.manage", seen["area"])
    if seen["state"] != "open":
        raise Refused(sentence("This survey is closed."))
    drawn = queries.cells(session, campaign, drawn=True, limit=20_000)["items"]
    checks = {row["cell"]: Check(**row["sample"]) if row["sample"] else None for row in drawn}
    whole = seen["done"] == seen["cells"]
    accepted = whole and rules.accepted(checks, seen["done"])
    session.execute(CLOSE, {"id": campaign, "accepted": accepted})
    audit.note(session, actor, "survey.close", seen["name"], result=str(accepted))
    return accepted
