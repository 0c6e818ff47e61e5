"""Rankings: what was measured, what it makes, and the cases behind every figure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from app.cases import queries as cases
from app.evaluation import boards, measures, periods, queries, scoring
from app.evaluation.boards import Board
from app.evaluation.labels import CORE, labels, scheme_indicators
from app.evaluation.periods import Period
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import NotFound, sentence


@dataclass(frozen=True, slots=True)
class Asked:
    """Which ranking is asked for, of which period, and which one it is compared with."""

    board: Board
    period: Period
    against: Period
    scheme: str | None = None


def asked(
    objects: str,
    period: str | None,
    *,
    at: datetime,
    level: str = "",
    post: str = "",
    scheme: str | None = None,
    against: str | None = None,
) -> Asked:
    """Return what an address names; without a period, the present month."""
    found = periods.read(period) if period else periods.of(local(at).date(), "month")
    other = periods.read(against) if against else periods.before(found)
    return Asked(boards.board(objects, level=level, post=post), found, other, scheme or None)


def ranking(
    session: Session,
    objects: str,
    period: str | None,
    *,
    at: datetime,
    scheme: str | None = None,
    level: str = "",
    post: str = "",
    group: str | None = None,
    against: str | None = None,
) -> dict[str, Any]:
    """Return every object of a kind with its indicators, score, grade and rank in ``period``.

    A handful of statements at any size.  What is frozen is shown as it was signed.
    """
    wanted = asked(objects, period, at=at, level=level, post=post, scheme=scheme, against=against)
    frame = queries.frame(session, wanted.board, wanted.scheme, wanted.period, wanted.against)
    chosen = require_scheme(frame)
    frozen = frame.frozen.get(wanted.period.code)
    names = measures.names(session, wanted.board.name)
    rows = rows_of(session, frame, wanted, wanted.period, names)
    before = former_places(session, frame, wanted, names)
    document = json.loads(frozen["inputs"])["scheme"] if frozen else chosen["document"]
    return {
        "period": wanted.period.code,
        "against": wanted.against.code,
        "scheme": _told_scheme(chosen, frozen, document),
        "frozen": _told_frozen(frozen),
        "current_to": measures.current_to(session).isoformat(),
        "rows": _public(rows, before, group, document),
        "periods": frame.months,
        "indicator_names": labels(_columns(wanted.board, document)),
        "grades": [{**grade, "low": float(grade["low"])} for grade in document["grades"]],
        "groups": [{"code": g["code"], "name": g["name"]} for g in document.get("groups", ())],
    }


def schemes(session: Session, objects: str, *, level: str = "", post: str = "") -> list[Any]:
    """Return code and name of the schemes that such objects may be scored by."""
    return queries.schemes(session, boards.board(objects, level=level, post=post))


def require_scheme(frame: Any) -> dict[str, Any]:
    """Return the scheme of a frame, or raise ``NotFound``."""
    if frame.scheme is None:
        raise NotFound(sentence("There is no such evaluation scheme."))
    found: dict[str, Any] = frame.scheme
    return found


def rows_of(
    session: Session, frame: Any, wanted: Asked, period: Period, names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the rows of a period: as they were signed if it is frozen, else as they are now."""
    frozen = frame.frozen.get(period.code)
    if frozen:
        signed: list[dict[str, Any]] = json.loads(frozen["result"])["rows"]
        return signed
    given = inputs(session, frame, wanted, period, names)
    computed: list[dict[str, Any]] = scoring.compute(given)["rows"]
    return computed


def former_places(
    session: Session, frame: Any, wanted: Asked, names: Mapping[str, str]
) -> dict[str, tuple[int | None, str | None]]:
    """Return rank and score that each object had in the period it is compared with."""
    frozen = frame.frozen.get(wanted.against.code)
    if frozen:
        signed = json.loads(frozen["result"])["rows"]
        return {row["object"]: (row["rank"], row["score"]) for row in signed}
    return scoring.places(inputs(session, frame, wanted, wanted.against, names))


def inputs(
    session: Session, frame: Any, wanted: Asked, period: Period, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return everything that goes into the scores of a period, as it is now."""
    chosen = require_scheme(frame)
    facts = measures.measured(session, wanted.board.name, period.begin, period.end)
    _mark(facts, [mark for mark in frame.marks if mark["period"] == period.code])
    for name, n in frame.parts.items() if wanted.board.name == "departments" else ():
        facts.get(name, {})["part_num"] = n
    return {
        "form": scoring.FORM,
        "board": wanted.board.name,
        "period": period.code,
        "begin": period.begin.isoformat(),
        "end": period.end.isoformat(),
        "months": str(period.months),
        "scheme": chosen["document"],
        "scheme_version": chosen["version"],
        "facts": facts,
        "names": {code: name for code, name in names.items() if code in facts},
        "exemptions": [
            {name: one[name] for name in ("object", "indicator", "case")}
            for one in frame.granted
            if one["period"] == period.code
        ],
    }


def _mark(facts: Mapping[str, dict[str, Any]], marks: list[dict[str, Any]]) -> None:
    """Add marks from outside: the mean of what was said by so many, media by their number."""
    for mark in marks:
        if mark["object"] in facts:
            whole = Fraction(mark["plain"] if mark["kind"] == "media" else mark["total"])
            mean = whole if mark["kind"] == "media" else whole / mark["n"]
            facts[mark["object"]][mark["kind"]] = str(mean)


def _told_scheme(
    chosen: Mapping[str, Any], frozen: Mapping[str, Any] | None, document: Mapping[str, Any]
) -> dict[str, Any]:
    version = frozen["scheme_version"] if frozen else chosen["version"]
    return {"code": document["code"], "version": version, "name": document["name"]}


def _told_frozen(frozen: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if frozen is None:
        return None
    return {
        "version": frozen["version"],
        "at": frozen["signed_at"],
        "signed_by": [frozen["proposer"], frozen["signer"]],
        "digest": frozen["digest"],
    }


def _columns(board: Board, document: Mapping[str, Any]) -> list[str]:
    core = CORE if board.name == "departments" else ()
    return list(dict.fromkeys([*core, *scheme_indicators(document)]))


def _public(
    rows: list[dict[str, Any]],
    former: Mapping[str, tuple[int | None, str | None]],
    group: str | None,
    document: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return rows as they are shown: numbers as numbers, and how they stood before."""
    counted = dict.fromkeys(_columns(Board("departments", ""), document), 0)
    return [
        {
            **row,
            "indicators": counted | {k: _number(n) for k, n in row["indicators"].items()},
            "score": _number(row["score"]),
            "rank_before": former.get(row["object"], (None, None))[0],
            "score_before": _number(former.get(row["object"], (None, None))[1]),
            "parts": [
                _shown(part, ("weight", "value", "score", "points")) for part in row["parts"]
            ],
            "deductions": [_shown(one, ("n", "points")) for one in row["deductions"]],
        }
        for row in rows
        if group is None or row["group"] == group
    ]


def _shown(given: Mapping[str, Any], numbers: tuple[str, ...]) -> dict[str, Any]:
    return {**given, **{name: _number(given[name]) for name in numbers}}


def _number(text: str | int | None) -> float | int | None:
    return float(text) if isinstance(text, str) else text


def cases_behind(
    session: Session,
    objects: str,
    name: str,
    indicator: str,
    period: str | None,
    *,
    actor: Actor,
    at: datetime,
    level: str = "",
    post: str = "",
) -> list[dict[str, Any]]:
    """Return the cases behind a figure, exactly as many as it counts, newest first.

    A figure is public to whoever may read evaluations, so its cases are too.
    """
    wanted = asked(objects, period, at=at, level=level, post=post)
    if indicator not in labels([indicator]):
        raise NotFound(sentence("There is no such indicator."), indicator=indicator)
    return shown(session, ids_behind(session, wanted, name, indicator), actor=actor, at=at)


def shown(
    session: Session, ids: Sequence[int], *, actor: Actor, at: datetime
) -> list[dict[str, Any]]:
    """Return the cases ``ids`` as a list shows them, one as often as it is named."""
    whole = Actor(actor.person_id, actor.post, actor.permissions)
    rows = cases.by_ids(session, whole, sorted(set(ids)))
    known = dict(zip((r.id for r in rows), cases.items(session, rows, at), strict=True))
    return [known[one] for one in ids]


def ids_behind(session: Session, wanted: Asked, name: str, indicator: str) -> list[int]:
    """Return the ids of the cases behind a figure, with what appeals exempted moved."""
    span = (wanted.period.begin, wanted.period.end)
    ids = measures.behind(session, wanted.board.name, name, indicator, *span)
    for one in queries.exemptions(session, wanted.board.name, name, *span):
        change = scoring.eased(one.indicator).get(indicator, 0)
        if change > 0 and one.case_id not in ids:
            ids.insert(0, one.case_id)
        if change < 0 and one.case_id in ids:
            ids.remove(one.case_id)
    return ids
