"""Rankings: what was measured, what it makes, and the cases behind every figure."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from app.cases import queries as cases
from app.evaluation import queries
from app.evaluation.rules import Result, Scheme, evaluate, ranks, rounded
from app.kernel.auth import Actor
from app.kernel.clock import CITY_TIME, local
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.i18n import translate

OBJECTS = {"departments": "department"}
LABELS = {
    "inst_num": sentence("Cases filed"),
    "dispose_need_num": sentence("Handling due"),
    "dispose_num": sentence("Cases handled"),
    "dispose_intime_num": sentence("Handled in time"),
    "archive_need_num": sentence("Closing due"),
    "archive_num": sentence("Cases closed"),
    "archive_intime_num": sentence("Closed in time"),
    "rework_num": sentence("Reworks"),
}


def bounds(period: str) -> tuple[datetime, datetime]:
    """Return the first instant of the month ``period`` (2026-11) and of the month after it."""
    if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", period):
        raise Refused(sentence("“period” must be a month like 2026-11.")).about("period")
    year, month = int(period[:4]), int(period[5:])
    begin = datetime(year, month, 1, tzinfo=CITY_TIME)
    return begin, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=CITY_TIME)


def ranking(
    session: Session, objects: str, period: str | None, *, at: datetime, scheme: str | None = None
) -> dict[str, Any]:
    """Return every object of a kind with its indicators, score, grade and rank in ``period``."""
    if objects not in OBJECTS:
        raise NotFound(sentence("There is no such ranking."))
    period = period or f"{local(at):%Y-%m}"
    begin, end = bounds(period)
    chosen, months = queries.frame(session, OBJECTS[objects], scheme)
    if chosen is None:
        raise NotFound(sentence("There is no such evaluation scheme."))
    found = queries.department_facts(session, begin, end, at=at)
    results = [evaluate(chosen, _facts(row)) for row in found]
    rows = [
        _row(row, result, rank)
        for row, result, rank in zip(found, results, ranks([r.score for r in results]), strict=True)
    ]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"], row["object"]))
    return {
        "period": period,
        "scheme": {"code": chosen.code, "name": chosen.name},
        "rows": rows,
        "periods": months,
        "indicator_names": {code: translate(label) for code, label in LABELS.items()},
        "grades": [{"grade": g.grade, "low": g.low, "colour": g.colour} for g in chosen.grades],
    }


def _facts(row: Row[Any]) -> dict[str, int]:
    return {name: getattr(row, name) for name in queries.INDICATORS}


def _row(row: Row[Any], result: Result, rank: int | None) -> dict[str, Any]:
    return {
        "object": row.object,
        "name": row.name,
        "indicators": _facts(row),
        "score": result.score,
        "grade": result.grade,
        "rank": rank,
        "parts": [
            {
                "code": term.part.code,
                "name": term.part.name,
                "value": term.value,
                "score": None if term.score is None else rounded(term.score),
                "weight": term.part.weight,
                "of": [term.part.value, *([term.part.over] if term.part.over else [])],
            }
            for term in result.terms
        ],
    }


def scheme_of(session: Session, objects: str) -> Scheme | None:
    """Return the scheme that ``objects`` are ranked by."""
    return queries.scheme(session, OBJECTS[objects])


def cases_behind(
    session: Session,
    objects: str,
    name: str,
    indicator: str,
    period: str | None,
    *,
    actor: Actor,
    at: datetime,
) -> list[dict[str, Any]]:
    """Return the cases behind a figure, exactly as many as it counts, newest first.

    A figure is public to whoever may read evaluations, so its cases are too.
    """
    if objects not in OBJECTS or indicator not in queries.BEHIND:
        raise NotFound(sentence("There is no such indicator."), indicator=indicator)
    begin, end = bounds(period or f"{local(at):%Y-%m}")
    ids = queries.behind(session, name, indicator, begin=begin, end=end, at=at)
    whole = Actor(actor.person_id, actor.post, actor.permissions)
    rows = cases.by_ids(session, whole, sorted(set(ids)))
    shown = dict(zip((r.id for r in rows), cases.items(session, rows, at), strict=True))
    return [shown[one] for one in ids]
