"""Freezing a period by the signatures of two people, and computing it again from what was kept."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.evaluation import measures, queries, scoring, service
from app.evaluation.boards import Board
from app.evaluation.periods import Period
from app.evaluation.service import Asked
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import Conflict, NotFound, Refused, sentence

ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
PROPOSED = text(
    "SELECT q.*, p.name FROM period_proposals q JOIN people p ON p.id = q.person_id"
    " WHERE q.board = :board AND q.period = :period"
)
PROPOSE = text(
    "INSERT INTO period_proposals (board, period, scheme, scheme_version, inputs, result, digest,"
    " person_id, at) VALUES (:board, :period, :scheme, :scheme_version, :inputs, :result, :digest,"
    " :person, :at) ON CONFLICT (board, period) DO UPDATE SET scheme = excluded.scheme,"
    " scheme_version = excluded.scheme_version, inputs = excluded.inputs,"
    " result = excluded.result, digest = excluded.digest, person_id = excluded.person_id,"
    " at = excluded.at"
)
FREEZE = text(
    "INSERT INTO frozen_periods (board, period, begins, ends, version, scheme, scheme_version,"
    " inputs, result, digest, proposed_by, proposed_at, signed_by, signed_at)"
    " SELECT board, period, :begins, :ends, :version, scheme, scheme_version, inputs, result,"
    " digest, person_id, at, :person, :at FROM period_proposals"
    " WHERE board = :board AND period = :period"
)
SETTLED = text("DELETE FROM period_proposals WHERE board = :board AND period = :period")
VERSIONS = text(
    "SELECT f.version, f.scheme, f.scheme_version, f.digest, f.signed_at, p.name AS proposer,"
    " q.name AS signer FROM frozen_periods f JOIN people p ON p.id = f.proposed_by"
    " JOIN people q ON q.id = f.signed_by WHERE f.board = :board AND f.period = :period"
    " ORDER BY f.version DESC"
)
KEPT = text(
    "SELECT * FROM frozen_periods WHERE board = :board AND period = :period"
    " AND version = coalesce(CAST(:version AS int), version) ORDER BY version DESC LIMIT 1"
)
EVERY = text("SELECT * FROM frozen_periods ORDER BY id")


def sign(
    session: Session, wanted: Asked, *, actor: Actor, at: datetime, anew: bool = False
) -> dict[str, Any]:
    """Sign a period: the first signature proposes what is seen, another person's freezes it.

    What was signed and what is frozen are the same bytes: if the figures moved in between, the
    second is refused with 409, unless it proposes ``anew``.
    """
    session.execute(ALONE, {"key": f"{wanted.board.name} {wanted.period.code}"})
    _require_over(session, wanted.period, at)
    made = _made(session, wanted)
    here = {"board": wanted.board.name, "period": wanted.period.code}
    latest = session.execute(KEPT, {**here, "version": None}).first()
    if latest is not None and latest.digest == made["digest"]:
        raise Refused(
            sentence("Nothing has changed since version %(version)s was signed."),
            version=latest.version,
        )
    former = session.execute(PROPOSED, here).first()
    subject = f"{here['board']} {here['period']}"
    if former is None or former.person_id == actor.person_id or anew:
        session.execute(PROPOSE, {**here, **made, "person": actor.person_id, "at": at})
        audit.note(session, actor, "evaluation.propose", subject, result=made["digest"])
        return {"state": "proposed", "version": None, "digest": made["digest"]}
    _require_same(former, made["digest"])
    version = latest.version + 1 if latest else 1
    span = {"begins": wanted.period.begin, "ends": wanted.period.end, "version": version}
    session.execute(FREEZE, {**here, **span, "person": actor.person_id, "at": at})
    session.execute(SETTLED, here)
    audit.note(session, actor, "evaluation.freeze", subject, result=made["digest"])
    return {"state": "frozen", "version": version, "digest": made["digest"]}


def _require_over(session: Session, period: Period, at: datetime) -> None:
    if local(at).date() < period.end:
        raise Refused(
            sentence("The period is not over: it can be signed from %(day)s on."),
            day=period.end.isoformat(),
        )
    if local(measures.current_to(session)).date() < period.end:
        raise Refused(sentence("The figures do not know the whole period yet. Sign in a moment."))


def _require_same(former: Row[Any], digest: str) -> None:
    if former.digest != digest:
        raise Conflict(
            sentence(
                "The figures have changed since %(name)s signed. Look at them again, and sign"
                " anew; then another person signs what you saw."
            ),
            name=former.name,
        )


def _made(session: Session, wanted: Asked) -> dict[str, Any]:
    """Return what would be signed now: inputs, result, digest, and the scheme's version."""
    given = _inputs(session, wanted)
    inputs = scoring.canonical(given)
    # Computed from the text, as it will be replayed: nothing that is not in it can matter.
    result = scoring.canonical(scoring.compute(json.loads(inputs)))
    return {
        "inputs": inputs,
        "result": result,
        "digest": scoring.digest(inputs, result),
        "scheme": given["scheme"]["code"],
        "scheme_version": given["scheme_version"],
    }


def _inputs(session: Session, wanted: Asked) -> dict[str, Any]:
    frame = queries.frame(session, wanted.board, wanted.scheme, wanted.period, wanted.against)
    names = measures.names(session, wanted.board.name)
    return service.inputs(session, frame, wanted, wanted.period, names)


def versions(session: Session, wanted: Asked) -> dict[str, Any]:
    """Return the frozen versions of a period, the newest first, and what waits to be signed."""
    here = {"board": wanted.board.name, "period": wanted.period.code}
    waiting = session.execute(PROPOSED, here).first()
    return {
        "items": [
            {
                "version": row.version,
                "at": row.signed_at.isoformat(),
                "signed_by": [row.proposer, row.signer],
                "digest": row.digest,
                "scheme": {"code": row.scheme, "version": row.scheme_version},
            }
            for row in session.execute(VERSIONS, here)
        ],
        "proposal": waiting
        and {"by": waiting.name, "at": waiting.at.isoformat(), "digest": waiting.digest},
    }


def require_kept(session: Session, board: Board, period: Period, version: int | None) -> Row[Any]:
    """Return a frozen version, the newest if none is named, or raise ``NotFound``."""
    binds = {"board": board.name, "period": period.code, "version": version}
    found = session.execute(KEPT, binds).first()
    if found is None:
        raise NotFound(sentence("This period is not frozen in such a version."))
    return found


def faults(kept: Row[Any]) -> list[str]:
    """Return what is wrong with a frozen version, as msgids: computed again, and its digest."""
    found = []
    if scoring.canonical(scoring.compute(json.loads(kept.inputs))) != kept.result:
        found.append(sentence("a frozen period computes to another result"))
    if scoring.digest(kept.inputs, kept.result) != kept.digest:
        found.append(sentence("a frozen period was changed"))
    return found


def moved(session: Session, wanted: Asked, kept: Row[Any]) -> list[str]:
    """Return the objects whose inputs the journal would give differently today, in order."""
    then = json.loads(kept.inputs)
    today = json.loads(scoring.canonical(_inputs(session, wanted)))
    return sorted(
        name
        for name in {*then["facts"], *today["facts"]}
        if then["facts"].get(name) != today["facts"].get(name)
        or _freed(then, name) != _freed(today, name)
    )


def _freed(inputs: dict[str, Any], name: str) -> list[Any]:
    return [one for one in inputs["exemptions"] if one["object"] == name]


def differences(session: Session) -> Iterator[dict[str, Any]]:
    """Yield every frozen period that is not what its inputs and its digest say (reconcile)."""
    for kept in session.execute(EVERY):
        for what in faults(kept):
            told = {"board": kept.board, "period": kept.period, "version": kept.version}
            yield {"what": what, **told}
