"""What the pages of the evaluation ask for: one ranking, its past, its areas, its addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.evaluation import boards, measures, periods, service
from app.kernel import fields
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.reports import areas

UNITS = ("day", "week", "month", "quarter", "year")
TREND = 12
"""So many periods the trend goes back, the one shown among them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which ranking a page shows, as its address says."""

    objects: str
    period: str
    against: str = ""
    level: str = ""
    post: str = ""
    scheme: str = ""
    group: str = ""

    def to(self, **changes: str) -> str:
        """Return the query of this ranking with ``changes``, without what is empty."""
        told = {name: getattr(self, name) for name in self.__slots__} | changes
        return urlencode({name: value for name, value in told.items() if value})

    @property
    def board(self) -> str:
        """Return what the counts call the objects of the ranking."""
        return boards.board(self.objects, level=self.level, post=self.post).name

    @property
    def here(self) -> dict[str, str]:
        """Return what drills, exports and signatures name beside objects and period."""
        named = {"level": self.level, "post": self.post, "scheme": self.scheme}
        return {name: value for name, value in named.items() if value}


def asked(args: Mapping[str, str], at: datetime, *, objects: str | None = None) -> Asked:
    """Return what an address asks for; departments in the present month if it says nothing."""
    told = {
        name: fields.text(args, name, most=60) for name in ("against", "level", "scheme", "group")
    }
    kind = objects or fields.text(args, "objects", most=20) or "departments"
    first, last = (fields.text(args, name, most=10) for name in ("from", "to"))
    period = fields.text(args, "period", most=40) or f"{local(at):%Y-%m}"
    if first and last:
        period = f"{first}..{last}"
    post = fields.text(args, "post", most=20) or "inspector" if kind == "posts" else ""
    told["level"] = (told["level"] or "street") if kind == "regions" else ""
    return Asked(kind, period, post=post, **told)


def ranking(session: Session, wanted: Asked, at: datetime) -> dict[str, Any]:
    """Return the ranking that is asked for; 404 or 422 in a sentence if there is none."""
    return service.ranking(
        session,
        wanted.objects,
        wanted.period,
        at=at,
        scheme=wanted.scheme or None,
        level=wanted.level,
        post=wanted.post,
        group=wanted.group or None,
        against=wanted.against or None,
    )


def steps(period: str) -> dict[str, str]:
    """Return the periods around ``period``: before, after, and the same day in other units."""
    found = periods.read(period)
    units = {unit: periods.of(found.begin, unit).code for unit in UNITS}
    after = f"{found.end}..{found.end + (found.end - found.begin - periods.DAY)}"
    if found.unit != "range":
        after = periods.of(found.end, found.unit).code
    return {"before": periods.before(found).code, "after": after, "unit": found.unit, **units}


def past(period: str) -> list[str]:
    """Return the last periods of the same kind up to ``period``, the oldest first."""
    found = [periods.read(period)]
    while len(found) < TREND:
        found.insert(0, periods.before(found[0]))
    return [one.code for one in found]


def trend(session: Session, wanted: Asked, at: datetime) -> dict[str, Any]:
    """Return the scores of every object over the last periods: ``{periods, rows}``."""
    codes = past(wanted.period)
    named: dict[str, str] = {}
    scores: dict[str, dict[str, float | None]] = {}
    for code in codes:
        one = Asked(wanted.objects, code, "", wanted.level, wanted.post, wanted.scheme)
        for row in ranking(session, one, at)["rows"]:
            named[row["object"]] = row["name"]
            scores.setdefault(row["object"], {})[code] = row["score"]
    rows = [
        {"object": key, "name": named[key], "scores": [known.get(code) for code in codes]}
        for key, known in scores.items()
        if any(score is not None for score in known.values())
    ]
    return {"periods": codes, "rows": rows}


def spread(session: Session, wanted: Asked) -> dict[str, Any]:
    """Return the kinds, sources and hours of the cases filed in the period."""
    found = periods.read(wanted.period)
    return measures.spread(session, wanted.board, None, found.begin, found.end)


def schemes(session: Session, wanted: Asked) -> list[Any]:
    """Return the schemes that the objects of a ranking may be scored by."""
    return service.schemes(session, wanted.objects, level=wanted.level, post=wanted.post)


def spread_cases(
    session: Session, wanted: Asked, part: Mapping[str, Any], *, actor: Actor, at: datetime
) -> list[dict[str, Any]]:
    """Return the cases of one kind, source or hour among those filed in the period."""
    found = periods.read(wanted.period)
    ids = measures.spread_behind(session, wanted.board, found.begin, found.end, **part)
    return service.shown(session, ids, actor=actor, at=at)


def atlas(session: Session, wanted: Asked, at: datetime) -> dict[str, Any]:
    """Return the areas of a level with score, grade, rank and late cases, as GeoJSON."""
    found = {row["object"]: row for row in ranking(session, wanted, at)["rows"]}
    late = areas.late_by_area(session, wanted.level, at)
    lines = areas.outlines(session, wanted.level)
    facts = {
        one["code"]: {
            **{name: found.get(one["code"], {}).get(name) for name in ("score", "grade", "rank")},
            "late": late.get(one["code"], 0),
        }
        for one in lines
    }
    return areas.collection(lines, facts)
