"""The routing table: the one door through which its rows change."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.catalogue import queries
from app.catalogue.forms import TableForm
from app.catalogue.routing import Route, require_no_tie
from app.catalogue.rules import Handbook
from app.kernel import audit
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, Refused, sentence

# One change at a time, so that what was checked for ties is what is stored.
LOCK = text("SELECT pg_advisory_xact_lock(715, 12)")
REMOVE = text("DELETE FROM routes WHERE id = ANY(:ids)")
ADD = text(
    "INSERT INTO routes (kind, area, department, days, begins, ends)"
    " VALUES (:kind, :area, :department, :days, :begins, :ends)"
)
BEAT = text(
    "INSERT INTO beat_departments (beat_id, kind, department) VALUES (:beat, :kind, :department)"
    " ON CONFLICT (beat_id, kind) DO UPDATE SET department = excluded.department"
)
NO_BEAT = text("DELETE FROM beat_departments WHERE beat_id = :beat AND kind = :kind")
BEAT_KNOWN = text("SELECT EXISTS (SELECT FROM beats WHERE id = :beat)")


def changed(session: Session, book: Handbook, form: TableForm) -> tuple[Route, ...]:
    """Return the table as it would be after ``form``; nothing is stored.

    Raises ``Refused`` for a kind, area or department that there is not, and ``Conflict`` for
    two rows that tie, naming the other one.
    """
    gone = form.remove | {row.id for row in form.save if row.id}
    unknown = gone - {row.id for row in book.routes}
    if unknown:
        raise NotFound(sentence("There is no row %(id)s in the table."), id=min(unknown))
    kept = [row for row in book.routes if row.id not in gone]
    for n, row in enumerate(form.save, start=1):
        _require_known(session, book, row)
        # Rows that are not stored yet are told apart by numbers that no row has.
        new = replace(row, id=-n, members=queries.members(session, row.area))
        require_no_tie(kept, new)
        kept.append(new)
    return tuple(kept)


def _require_known(session: Session, book: Handbook, row: Route) -> None:
    if not any(kind.startswith(row.kind) for kind in book.kinds):
        raise Refused(
            sentence("No kind begins with “%(kind)s”. Write C or E and its code."), kind=row.kind
        ).about("kind")
    if not queries.area_known(session, row.area):
        raise Refused(
            sentence("There is no division, zone or cell “%(area)s”."), area=row.area
        ).about("area")
    require_department(book, row.department)


def require_department(book: Handbook, department: str) -> None:
    """Raise ``Refused`` for a department that there is not."""
    if department not in book.departments:
        raise Refused(
            sentence("There is no department “%(department)s”."), department=department
        ).about("department")


def store(session: Session, actor: Actor, form: TableForm) -> dict[str, int]:
    """Change the table as ``form`` says and return how many rows it has then."""
    actor.require_whole_city()
    session.execute(LOCK)
    table = changed(session, queries.handbook(session), form)
    gone = form.remove | {row.id for row in form.save if row.id}
    session.execute(REMOVE, {"ids": sorted(gone)})
    _add(session, form.save)
    audit.note(session, actor, "routes.store", f"+{len(form.save)} -{len(gone)}: {_brief(form)}")
    return {"rows": len(table)}


def _add(session: Session, rows: Iterable[Route]) -> None:
    names = ("kind", "area", "department", "days", "begins", "ends")
    told = [{name: getattr(row, name) for name in names} for row in rows]
    if told:
        session.execute(ADD, told)


def _brief(form: TableForm) -> str:
    """Return the rows of a change in few signs, for the audit."""
    return " ".join(f"{row.kind or '*'}/{row.area or '*'}>{row.department}" for row in form.save)


def give_beat(
    session: Session, actor: Actor, *, beat: int, kind: str, department: str
) -> dict[str, object]:
    """Have a beat belong to ``department`` for kinds that begin with ``kind``; empty ends it."""
    actor.require_whole_city()
    book = queries.handbook(session)
    if not session.execute(BEAT_KNOWN, {"beat": beat}).scalar_one():
        raise NotFound(sentence("There is no beat %(beat)s."), beat=beat)
    told = {"beat": beat, "kind": kind, "department": department}
    if department:
        _require_known(session, book, Route(kind, "", department))
        session.execute(BEAT, told)
    else:
        session.execute(NO_BEAT, {"beat": beat, "kind": kind})
    audit.note(session, actor, "beat.department", f"{beat} {kind or '*'} {department or '-'}")
    return told
