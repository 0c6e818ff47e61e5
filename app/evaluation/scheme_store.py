"""Schemes as rows with versions: drafted, tried on past periods, published, never edited again."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.evaluation import checks, measures, queries, scoring, service
from app.evaluation.service import Asked
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, NotFound, Refused, sentence
from app.kernel.i18n import translate

LIST = text(
    "SELECT s.id, s.code, s.version, s.object, s.name, s.state, s.revision, s.created_at,"
    " s.published_at, p.name AS publisher, d.code IS NOT NULL AS is_default"
    " FROM schemes s LEFT JOIN people p ON p.id = s.published_by"
    " LEFT JOIN scheme_defaults d ON d.object = s.object AND d.code = s.code"
    " WHERE CAST(:code AS text) IS NULL OR s.code = :code"
    " ORDER BY s.object, s.code, s.version DESC LIMIT 500"
)
ONE = (
    "SELECT s.*, d.code IS NOT NULL AS is_default FROM schemes s"
    " LEFT JOIN scheme_defaults d ON d.object = s.object AND d.code = s.code"
    " WHERE s.code = :code AND s.version = :version"
)
NEWEST = text("SELECT * FROM schemes WHERE code = :code ORDER BY version DESC LIMIT 1")
DRAFT = text(
    "INSERT INTO schemes (code, version, object, name, document, created_by, created_at)"
    " VALUES (:code, :version, :object, :name, CAST(:document AS jsonb), :person, :at)"
    " ON CONFLICT DO NOTHING RETURNING version"
)
SAVE = text(
    "UPDATE schemes SET document = CAST(:document AS jsonb), name = :name, revision = revision + 1"
    " WHERE id = :id RETURNING revision"
)
PUBLISH = text(
    "UPDATE schemes SET state = 'published', published_by = :person, published_at = :at"
    " WHERE id = :id"
)
DROP = text("DELETE FROM schemes WHERE id = :id")
CHOOSE = text(
    "INSERT INTO scheme_defaults (object, code) VALUES (:object, :code)"
    " ON CONFLICT (object) DO UPDATE SET code = excluded.code"
)


def listed(session: Session, code: str | None = None) -> list[dict[str, Any]]:
    """Return every version of every scheme, or of one, the newest first."""
    return [
        {
            **row._mapping,
            "created_at": row.created_at.isoformat(),
            "published_at": row.published_at.isoformat() if row.published_at else None,
        }
        for row in session.execute(LIST, {"code": code})
    ]


def one(session: Session, code: str, version: int, *, hold: bool = False) -> Row[Any]:
    """Return a version of a scheme, or raise ``NotFound``; ``hold`` locks its row."""
    ask = text(ONE + (" FOR UPDATE OF s" if hold else ""))
    found = session.execute(ask, {"code": code, "version": version}).first()
    if found is None:
        raise NotFound(sentence("There is no such evaluation scheme."))
    return found


def begin(
    session: Session, code: str, like: str, name: str, *, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Begin a draft: the next version of ``code``, or a new scheme made like ``like``."""
    newest = session.execute(NEWEST, {"code": code}).first()
    model = newest or session.execute(NEWEST, {"code": like}).first()
    if model is None:
        raise NotFound(sentence("There is no such evaluation scheme to begin from."))
    document = {**model.document, "code": code, "name": name or model.name}
    require_sound(document)
    binds = {
        "code": code,
        "version": newest.version + 1 if newest else 1,
        "object": model.object,
        "name": document["name"],
        "document": json.dumps(document, ensure_ascii=False),
        "person": actor.person_id,
        "at": at,
    }
    version = session.execute(DRAFT, binds).scalar()
    if version is None:
        raise Refused(sentence("This scheme has a draft already. Edit that one, or drop it."))
    audit.note(session, actor, "scheme.draft", f"{code} {version}")
    return {"code": code, "version": version, "revision": 0}


def require_sound(document: Mapping[str, Any]) -> None:
    """Raise ``Refused`` with the first fault of a document, pinned to its place."""
    for fault in checks.faults(document):
        raise Refused(fault["message"], **fault["facts"]).about(fault["where"])


def told_faults(document: Any) -> list[dict[str, str]]:
    """Return the faults of a document as sentences in the reader's language."""
    found = ((one["where"], one["message"], one["facts"]) for one in checks.faults(document))
    return [{"where": where, "message": translate(said, **facts)} for where, said, facts in found]


def _require_draft(
    session: Session, code: str, version: int, revision: int | None = None
) -> Row[Any]:
    found = one(session, code, version, hold=True)
    if found.state != "draft":
        raise Refused(sentence("A published version is never edited. Begin the next one."))
    if revision is not None and found.revision != revision:
        raise Conflict(sentence("Somebody has saved this draft meanwhile. Read it anew."))
    return found


def save(
    session: Session,
    code: str,
    version: int,
    document: Mapping[str, Any],
    *,
    revision: int,
    actor: Actor,
) -> dict[str, Any]:
    """Store a draft as it stands; 409 if somebody saved it since ``revision``."""
    found = _require_draft(session, code, version, revision)
    fixed = {**document, "code": code, "object": found.object}
    require_sound(fixed)
    told = {
        "id": found.id,
        "name": fixed["name"],
        "document": json.dumps(fixed, ensure_ascii=False),
    }
    saved = session.execute(SAVE, told).scalar_one()
    audit.note(session, actor, "scheme.save", f"{code} {version}")
    return {"code": code, "version": version, "revision": saved}


def publish(
    session: Session,
    code: str,
    version: int,
    *,
    revision: int,
    default: bool,
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Publish a draft for good; ``default`` makes it what its objects are scored by."""
    found = _require_draft(session, code, version, revision)
    require_sound(found.document)
    session.execute(PUBLISH, {"id": found.id, "person": actor.person_id, "at": at})
    if default:
        session.execute(CHOOSE, {"object": found.object, "code": code})
    audit.note(session, actor, "scheme.publish", f"{code} {version}")
    return {"code": code, "version": version, "state": "published"}


def drop(session: Session, code: str, version: int, *, actor: Actor) -> dict[str, Any]:
    """Throw a draft away."""
    found = _require_draft(session, code, version)
    session.execute(DROP, {"id": found.id})
    audit.note(session, actor, "scheme.drop", f"{code} {version}")
    return {"code": code, "version": version}


def choose(session: Session, code: str, *, actor: Actor) -> dict[str, Any]:
    """Make a published scheme the one its objects are scored by when nobody names another."""
    states = {row["state"]: row["object"] for row in listed(session, code)}
    if "published" not in states:
        raise Refused(sentence("Publish a version of this scheme first."))
    session.execute(CHOOSE, {"object": states["published"], "code": code})
    audit.note(session, actor, "scheme.choose", code)
    return {"code": code, "object": states["published"]}


def simulate(session: Session, code: str, version: int, wanted: Asked) -> dict[str, Any]:
    """Score a period by the present scheme and by this version, object by object.

    The counts are the same for both, as the journal gives them now; nothing is stored.
    """
    found = one(session, code, version)
    if found.object != wanted.board.object:
        raise Refused(sentence("This scheme scores other objects than this ranking's.")).about(
            "level"
        )
    frame = queries.frame(session, wanted.board, None, wanted.period, wanted.against)
    names = measures.names(session, wanted.board.name)
    given = service.inputs(session, frame, wanted, wanted.period, names)
    old = scoring.compute(given)["rows"]
    new = scoring.compute({**given, "scheme": found.document})["rows"]
    return {
        "period": wanted.period.code,
        "old": {"code": given["scheme"]["code"], "version": given["scheme_version"]},
        "new": {"code": code, "version": version},
        "rows": _side_by_side(old, new),
    }


def _side_by_side(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    before = {row["object"]: row for row in old}
    return [
        {
            "object": row["object"],
            "name": row["name"],
            "old": _stand(before[row["object"]]),
            "new": _stand(row),
            "moved": _moved(before[row["object"]]["rank"], row["rank"]),
        }
        for row in new
    ]


def _stand(row: Mapping[str, Any]) -> dict[str, Any]:
    score = None if row["score"] is None else float(row["score"])
    return {"score": score, "grade": row["grade"], "rank": row["rank"], "group": row["group"]}


def _moved(old: int | None, new: int | None) -> int | None:
    """Return by how many ranks an object rises (+) or falls (−)."""
    return old - new if old is not None and new is not None else None
