"""Evaluation from outside (外评): marks of callers, media, leaders and the public."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from app.evaluation import measures, periods
from app.evaluation.boards import Board, named
from app.kernel import audit, bulk, queue, uploads
from app.kernel.auth import Actor
from app.kernel.bulk import PutAside
from app.kernel.errors import NotFound, Refused, sentence
from app.kernel.i18n import translate
from app.kernel.opening import opened
from app.kernel.queue import Progress
from app.kernel.rows import Table, texts

KINDS = {
    "satisfaction": sentence("Satisfaction of callers"),
    "media": sentence("Exposures in the media"),
    "leader_mark": sentence("Marks of leaders"),
    "questionnaire": sentence("Public questionnaire"),
}
"""What is marked: three from 0 to 100, averaged over those asked; the media by their number."""

USUAL = {
    "object": ("object", "code", "对象", "编码", "代码", "部门", "名称", "name"),
    "day": ("day", "date", "日期"),
    "value": ("value", "score", "mark", "分值", "得分", "次数"),
    "n": ("n", "count", "份数", "人数"),
    "note": ("note", "备注", "说明"),
}
MOST_ROWS, PAGE = 100_000, 50
STORE = text(
    "INSERT INTO outside_marks (kind, board, object, day, value, n, note, person_id, at)"
    " VALUES (:kind, :board, :object, :day, :value, :n, :note, :person, :at) RETURNING id"
)
LIST = text(
    "SELECT m.id, m.kind, m.board, m.object, m.day, m.value, m.n, m.note, m.at, p.name AS by,"
    " m.withdrawn_at IS NOT NULL AS withdrawn"
    " FROM outside_marks m JOIN people p ON p.id = m.person_id"
    " WHERE m.board = :board AND m.day >= :begin AND m.day < :end"
    " AND m.id < :after ORDER BY m.id DESC LIMIT :limit"
)
WITHDRAW = text(
    "UPDATE outside_marks SET withdrawn_by = :person, withdrawn_at = :at"
    " WHERE id = :id AND withdrawn_at IS NULL"
)


def check(given: Mapping[str, Any], kind: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a mark as it is stored; ``PutAside`` says in a sentence what is wrong with it.

    ``given`` are texts: object (its code or its name), day, value, n, note.
    """
    codes = {name: code for code, name in names.items()} | {code: code for code in names}
    word = str(given.get("object") or "")
    if word not in codes:
        raise PutAside(sentence("There is no “%(object)s” in this ranking."), object=word[:40])
    value = _number(given.get("value"))
    top = 1_000_000 if kind == "media" else 100
    if value is None or not 0 <= value <= top or value != round(value, 4):
        raise PutAside(
            sentence("The value “%(value)s” is no number from 0 to %(most)s."),
            value=str(given.get("value") or "")[:20],
            most=top,
        )
    return {
        "kind": kind,
        "object": codes[word],
        "day": _day(given.get("day")),
        "value": value,
        "n": _asked(given.get("n")),
        "note": str(given.get("note") or "")[:400],
    }


def _number(given: Any) -> Decimal | None:
    try:
        found = Decimal(str(given).strip().removesuffix("%"))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _day(given: Any) -> date:
    try:
        found = date.fromisoformat(str(given or "").strip()[:10].replace("/", "-"))
    except ValueError:
        found = None
    if found is None or not 1990 <= found.year < 2100:
        raise PutAside(
            sentence("“%(day)s” is no day. Write it like 2026-11-23."), day=str(given or "")[:20]
        )
    return found


def _asked(given: Any) -> int:
    found = _number(1 if given in (None, "") else given)
    if found is None or not 1 <= found <= 1_000_000 or found != int(found):
        raise PutAside(
            sentence("“%(n)s” does not say how many were asked: a whole number above 0."),
            n=str(given)[:20],
        )
    return int(found)


def require_kind(kind: str) -> str:
    """Return ``kind`` if it is one of ``KINDS``, or refuse."""
    if kind not in KINDS:
        raise Refused(
            sentence("“%(given)s” is not one of the choices: %(known)s."),
            given=kind,
            known=", ".join(KINDS),
        ).about("kind")
    return kind


def record(
    session: Session, board: Board, given: Mapping[str, Any], *, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Store one mark and return its number."""
    kind = require_kind(str(given.get("kind") or ""))
    try:
        mark = check(given, kind, measures.names(session, board.name))
    except PutAside as fault:
        raise Refused(fault.message, **fault.facts) from fault
    binds = {**mark, "board": board.name, "person": actor.person_id, "at": at}
    number = session.execute(STORE, binds).scalar_one()
    audit.note(session, actor, "evaluation.mark", str(number), result=kind)
    return {"id": number}


def withdraw(session: Session, number: int, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Take a mark back; it stays in the list, struck out."""
    binds = {"id": number, "person": actor.person_id, "at": at}
    if not session.execute(WITHDRAW, binds).rowcount:  # type: ignore[attr-defined]
        raise NotFound(sentence("There is no such mark any more."))
    audit.note(session, actor, "evaluation.unmark", str(number))
    return {"id": number}


def listed(
    session: Session, board: Board, period: periods.Period, *, after: int | None = None
) -> dict[str, Any]:
    """Return the marks of a period, the newest first."""
    span = {"board": board.name, "begin": period.begin, "end": period.end}
    binds = {**span, "after": after or 2**62, "limit": PAGE + 1}
    rows = session.execute(LIST, binds).all()
    return {
        "items": [_public(row) for row in rows[:PAGE]],
        "next": rows[PAGE - 1].id if len(rows) > PAGE else None,
    }


def _public(row: Row[Any]) -> dict[str, Any]:
    told = {**row._mapping, "day": row.day.isoformat(), "at": row.at.isoformat()}
    return {**told, "value": float(row.value)}


def begin_import(
    session: Session, board: Board, kind: str, file: uploads.Upload, *, actor: Actor
) -> dict[str, Any]:
    """Have an uploaded table of marks stored in the background and return the job."""
    job = queue.defer(
        session,
        "import_outside",
        actor=actor,
        title=translate(sentence("Marks from %(file)s"), file=file.name),
        upload=str(file.id),
        kind=require_kind(kind),
        board=board.name,
    )
    audit.note(session, actor, "evaluation.import", file.name, result=kind)
    return {"job": job}


def run(progress: Progress, data: Path, *, upload: str, kind: str, board: str) -> None:
    """Store the rows of an uploaded table (CSV or XLSX); a bad row is put aside with a sentence."""
    with progress.sessions.begin() as session:
        file = uploads.find(session, data, upload)
        names = measures.names(session, named(board).name)
        seen = tuple(USUAL)
        with (
            opened(file.path) as table,
            bulk.importing(
                session, f"outside marks {kind}", file.path, data, seen, say=translate
            ) as done,
        ):
            _store(session, progress, table, done, {"kind": kind, "board": board, "names": names})
        progress.finish(session, done.told())


def _store(
    session: Session, progress: Progress, table: Table, done: bulk.Run, told: dict[str, Any]
) -> None:
    columns = table.columns_for(USUAL, {})
    for needed in ("object", "day", "value"):
        if columns[needed] is None:
            raise Refused(
                sentence("The file has no column “%(column)s”. It has: %(columns)s."),
                column=needed,
                columns=", ".join(table.columns) or "none",
            )
    for batch in done.batches(table):
        _require_few(done.read)
        cells = {key: texts(batch.column(name)).to_pylist() for key, name in columns.items()}
        lines = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
        _store_lines(session, done, batch.numbers.tolist(), lines, told, progress.actor_id or 0)
        progress.tell(done.read, table.count, note=sentence("Reading the rows"))


def _require_few(count: int) -> None:
    if count > MOST_ROWS:
        raise Refused(sentence("A file of marks has at most %(most)s rows."), most=MOST_ROWS)


def _store_lines(
    session: Session,
    done: bulk.Run,
    numbers: list[int],
    lines: list[dict[str, Any]],
    told: dict[str, Any],
    person: int,
) -> None:
    sound = []
    for number, line in zip(numbers, lines, strict=True):
        try:
            mark = check(line, told["kind"], told["names"])
            sound.append({**mark, "board": told["board"], "person": person})
        except PutAside as fault:
            done.put_aside(number, fault, [line[key] or "" for key in USUAL])
    if sound:
        session.execute(STORE_MANY, sound)
        done.stored += len(sound)


STORE_MANY = text(
    "INSERT INTO outside_marks (kind, board, object, day, value, n, note, person_id)"
    " VALUES (:kind, :board, :object, :day, :value, :n, :note, :person)"
)
