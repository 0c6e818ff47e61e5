"""Running clocks after a calendar or a limit was changed: what would move, and moving it.

A changed handbook never moves a running clock by itself.  This does, when somebody wants it: it
computes every running clock anew from its start, and writes a line into the journal of each case
whose deadline moves.  Doing it twice moves nothing the second time, so a job that was broken off is
simply begun again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session, sessionmaker

from app.cases import calendars, clocks, journal, options, rules
from app.cases.journal import Line, Told
from app.catalogue.queries import handbook
from app.catalogue.rules import Handbook, Limit
from app.kernel import audit, clock, queue, sql
from app.kernel.auth import Actor
from app.kernel.clock import local
from app.kernel.errors import Conflict, Refused, sentence
from app.workflow import queries as flows

BATCH = 200
SHOWN = 500
"""Lines of a dry run that are listed one by one; the count is of all."""
SLACK = timedelta(seconds=1)
EXTENDED = 3
"""A limit can be extended twice, each time by its own length (standards §5.3)."""
source = partial(sql.read, Path(__file__).parent)
RUNNING = source("running")
MOVE = text(
    "UPDATE cases SET steps = steps + 1, clock_limit = :clock_limit, clock_unit = :clock_unit,"
    " amber_at = :amber_at, due_at = :due_at, handle_from = :handle_from,"
    " handle_limit = :handle_limit, handle_due_at = :handle_due_at,"
    " close_due_at = :close_due_at, overdue_marked_at = :overdue_marked_at WHERE id = :id"
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A case whose deadline is another one now: both of them, and the columns of its clock."""

    row: Row[Any]
    old: datetime
    new: datetime
    columns: dict[str, Any]

    def shown(self) -> dict[str, Any]:
        """Return what a list shows of it, times in city time."""
        return {
            "uid": self.row.uid,
            "number": self.row.number,
            "state": self.row.state,
            "department": self.row.department,
            "old_due": local(self.old).isoformat(timespec="minutes"),
            "new_due": local(self.new).isoformat(timespec="minutes"),
        }


def anew(row: Row[Any], book: Handbook, *, handled: bool) -> Moved | None:
    """Return how the clock in ``row`` moves under the present handbook, None if it does not.

    ``handled`` says that the clock is the handling limit of the case's filing condition.
    """
    begun, unit_before = local(row.clock_at), Limit(row.clock_limit, row.clock_unit)
    limit = _limit(row, book, unit_before) if handled else unit_before
    calendar = calendars.of_stage(book, row.stage, row.department, on=begun.date())
    start = clocks.handling if handled else clocks.clock
    columns = start(limit, begun, calendar)
    if abs(columns["due_at"] - row.due_at) <= SLACK:
        return None
    return Moved(row, row.due_at, columns["due_at"], columns)


def _limit(row: Row[Any], book: Handbook, before: Limit) -> Limit:
    """Return the handling limit that the handbook gives now to the case in ``row``.

    A limit that was extended stays so many times as long.  What is left after a stop is no
    whole limit of the handbook any more, and stays as it is.
    """
    filed = options.condition_of(row, book)
    if filed is None or row.filed_at is None:
        return before
    on = local(row.filed_at).date()
    valid = book.graded(book.successor(filed, row.kind, on=on), row.grade or "B", on=on).limit
    times = before.value / filed.limit.value if before.unit == filed.limit.unit else 0
    if abs(times - round(times)) < 1e-6 and 1 <= round(times) <= EXTENDED:
        return Limit(valid.value * round(times), valid.unit)
    return before if row.extensions or row.stopped else valid


def plan(session: Session, *, department: str = "") -> Iterator[Moved]:
    """Yield every case whose deadline would move, by id; nothing is changed."""
    after = 0
    while rows := _running(session, after, department):
        yield from _moves(session, rows)
        after = rows[-1].id


def dry_run(session: Session, *, department: str = "") -> dict[str, Any]:
    """Return how many cases would move, and the first of them with both deadlines."""
    require_department(session, department)
    listed = [moved.shown() for moved in plan(session, department=department)]
    return {"count": len(listed), "items": listed[:SHOWN]}


def require_department(session: Session, department: str) -> None:
    """Raise ``Refused`` for a department that there is not."""
    if department and department not in handbook(session).departments:
        raise Refused(
            sentence("There is no department “%(department)s”."), department=department
        ).about("department")


def _running(session: Session, after: int, department: str, lock: str = "") -> list[Row[Any]]:
    binds = {"after": after, "department": department, "most": BATCH}
    return list(session.execute(text(f"{RUNNING}{lock}"), binds))


def _moves(session: Session, rows: list[Row[Any]]) -> Iterator[Moved]:
    book = handbook(session)
    for row in rows:
        state = flows.get(session, row.flow_id).states[row.state]
        if moved := anew(row, book, handled=state.limit == "condition"):
            yield moved


def batch(
    session: Session, *, after: int, department: str, at: datetime
) -> tuple[list[Moved], int | None]:
    """Move the deadlines of the next ``BATCH`` cases; return them and the last id looked at.

    Each case is locked first: whoever acts on it meanwhile waits and then reads the new deadline.
    """
    rows = _running(session, after, department, " FOR UPDATE OF c")
    moved = list(_moves(session, rows))
    for one in moved:
        _store(session, one, at)
    return moved, rows[-1].id if rows else None


def _store(session: Session, moved: Moved, at: datetime) -> None:
    row, changed = moved.row, moved.columns
    kept = {name: getattr(row, name) for name in clocks.UNHANDLED}
    marked = row.overdue_marked_at if moved.new < at else None
    session.execute(MOVE, kept | changed | {"id": row.id, "overdue_marked_at": marked})
    shown = moved.shown()
    answers = {name: shown[name] for name in ("old_due", "new_due")}
    line = Line(row.steps + 1, "reprocess", row.state, row.state, answers, moved.old, at)
    heard = Told(None, {}, row.cell or "", row.department)
    journal.append(session, journal.alone(row.id), line, heard, actor=rules.SYSTEM)


def run(
    sessions: sessionmaker[Session],
    *,
    department: str = "",
    tell: Callable[[int], None] = lambda _: None,
) -> int:
    """Move every deadline that another handbook gives, a batch a transaction; return how many.

    ``tell`` is told before each batch how many cases were looked at, and may end it by raising.
    """
    count, seen, after = 0, 0, 0
    while True:
        tell(seen)
        with sessions.begin() as session:
            moved, last = batch(session, after=after, department=department, at=clock.now())
        if last is None:
            return count
        count, seen, after = count + len(moved), seen + BATCH, last


def begin(session: Session, actor: Actor, *, department: str = "") -> dict[str, Any]:
    """Have the worker move the deadlines; return the job's number."""
    actor.require_whole_city()
    require_department(session, department)
    audit.note(session, actor, "handbook.reprocess", department or "*")
    job = queue.defer(
        session,
        "reprocess_clocks",
        dedupe="all",
        actor=actor,
        title=sentence("Compute running limits anew"),
        department=department,
    )
    if job is None:
        raise Conflict(sentence("This is already being done. Wait until it has ended."))
    return {"job": job}


def work(progress: queue.Progress, sessions: sessionmaker[Session], *, department: str) -> Any:
    """Do as ``run`` for a job; one that nobody wants any more ends before the next batch."""
    note = sentence("Computing running limits anew")

    def tell(seen: int) -> None:
        progress.tell(seen, note=note)

    return {"moved": run(sessions, department=department, tell=tell)}
