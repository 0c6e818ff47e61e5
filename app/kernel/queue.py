"""Background jobs kept in PostgreSQL: a job exists if and only if its cause was committed.

A job that a person asked for has a title, tells how far it is, can be cancelled, and ends in a
result or in a sentence.  Whoever works on a job holds a lease on it, renewed while the process
lives: a worker that dies leaves the job to the next one after ``LEASE`` seconds.  One that was only
taken for dead finds at its end that the job is another's, and takes its own work back.
"""

import json
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel.auth import Actor
from app.kernel.errors import AppError
from gis.faults import GeometryFault
from grid_codes.faults import CodeFault

log = structlog.get_logger("worker")
MOST_TRIES = 8
LEASE, SIGNS = 60.0, 4
"""Seconds after which a silent worker is taken for dead, and its signs of life in that time."""
PAUSE = 0.4
"""Seconds between two notes of how far a job is."""

DEFER = text(
    "WITH job AS (INSERT INTO jobs (name, args, dedupe, actor_id, title, total)"
    "  VALUES (:name, CAST(:args AS jsonb), :dedupe, :actor, :title, :total)"
    "  ON CONFLICT DO NOTHING RETURNING id)"
    " SELECT (SELECT id FROM job) AS id, pg_notify('jobs', '')"
)
# What nobody waits for runs once more if it is asked for while it runs: then it began too early.
TAKE = text(
    "UPDATE jobs SET held_until = now() + make_interval(secs => :lease), tries = tries + 1,"
    "  begun_at = coalesce(begun_at, now()),"
    "  dedupe = CASE WHEN actor_id IS NOT NULL THEN dedupe END"
    " WHERE id = (SELECT id FROM jobs WHERE done_at IS NULL AND run_at <= now()"
    "   AND (held_until IS NULL OR held_until < now()) AND tries < :most"
    "   ORDER BY run_at, id FOR UPDATE SKIP LOCKED LIMIT 1)"
    " RETURNING id, name, args, tries, actor_id"
)
RENEW = text(
    "UPDATE jobs SET held_until = now() + make_interval(secs => :lease)"
    " WHERE id = :id AND done_at IS NULL"
)
TELL = text(
    "UPDATE jobs SET done = :done, total = :total, note = :note WHERE id = :id"
    " RETURNING cancel_asked_at IS NOT NULL AS cancelled"
)
END = text(
    "UPDATE jobs SET done_at = now(), ended = :ended, error = NULL, held_until = NULL,"
    " result = CAST(:result AS jsonb),"
    " done = CASE WHEN :ended = 'done' THEN coalesce(total, done) ELSE done END"
    " WHERE id = :id AND done_at IS NULL"
)
FINISH = text(
    "UPDATE jobs SET done_at = now(), ended = 'done', error = NULL, held_until = NULL,"
    " result = CAST(:result AS jsonb), done = coalesce(total, done)"
    " WHERE id = :id AND done_at IS NULL AND cancel_asked_at IS NULL"
)
GIVE_UP = text(
    "UPDATE jobs SET done_at = now(), ended = 'failed', held_until = NULL"
    " WHERE done_at IS NULL AND actor_id IS NOT NULL AND tries >= :most AND held_until < now()"
)
FAILED = text(
    "UPDATE jobs SET held_until = NULL, error = :error,"
    " run_at = now() + make_interval(secs => least(600, 2 ^ :tries)),"
    " done_at = CASE WHEN actor_id IS NOT NULL AND tries >= 2 THEN now() END,"
    " ended = CASE WHEN actor_id IS NOT NULL AND tries >= 2 THEN 'failed' END WHERE id = :id"
)
CANCEL = text(
    "UPDATE jobs SET cancel_asked_at = now(),"
    " done_at = CASE WHEN begun_at IS NULL THEN now() END,"
    " ended = CASE WHEN begun_at IS NULL THEN 'cancelled' END"
    " WHERE id = :id AND done_at IS NULL"
)

Handler = Callable[..., Any]
"""Does a job: takes its ``Progress``, then the job's arguments by name; returns the result."""


class Cancelled(Exception):
    """Somebody asked for the job to be stopped; the handler's transaction is rolled back."""


@dataclass
class Progress:
    """The job a handler works on: told how far it is, and asked whether it shall go on."""

    job: int
    sessions: sessionmaker[Session]
    actor_id: int | None = None
    done: int = 0
    total: int | None = None
    finished: bool = False
    _told_at: float = field(default=float("-inf"))

    def tell(self, done: int, total: int | None = None, note: str = "") -> None:
        """Note that ``done`` of ``total`` are done, and raise ``Cancelled`` if nobody wants it.

        ``note`` is a msgid that says what is being done.  Calls in quick succession cost nothing.
        """
        self.done, self.total = done, total if total is not None else self.total
        if time.monotonic() - self._told_at < PAUSE and not note:
            return
        self._told_at = time.monotonic()
        told = {"id": self.job, "done": self.done, "total": self.total, "note": note}
        with self.sessions.begin() as session:
            if session.execute(TELL, told).scalar():
                raise Cancelled

    def finish(self, session: Session, result: Mapping[str, Any] | None = None) -> None:
        """End the job within the transaction of its work: then it is done once, or not at all.

        Raises ``Cancelled`` if the job was stopped meanwhile, or ended by another worker that
        took this one for dead: the work of this one is then rolled back.
        """
        told = {"id": self.job, "result": _json(result)}
        if not session.execute(FINISH, told).rowcount:  # type: ignore[attr-defined]
            raise Cancelled
        self.finished = True


def defer(
    session: Session,
    name: str,
    *,
    dedupe: str | None = None,
    actor: Actor | None = None,
    title: str = "",
    total: int | None = None,
    **args: Any,
) -> int | None:
    """Ask for job ``name``, to run after this transaction commits, and return its number.

    Equal ``dedupe`` waits once: the second caller gets None.  ``actor`` and ``title`` (as the
    person will read it) make it one that people see, with its progress.
    """
    told = {
        "name": name,
        "args": json.dumps(args),
        "dedupe": dedupe,
        "actor": actor.person_id if actor else None,
        "title": title,
        "total": total,
    }
    found: int | None = session.execute(DEFER, told).scalar_one()
    return found


def run_one(
    sessions: sessionmaker[Session], handlers: Mapping[str, Handler], *, lease: float = LEASE
) -> bool:
    """Take the oldest job that is ready and run it; say whether there was one.

    ``lease`` is after how many seconds of silence another worker may take the job over; one that
    outlived ``MOST_TRIES`` workers is given up, so that nobody waits for ever.
    What a handler refuses with a sentence ends the job with that sentence.  Another fault is
    tried again after 2, 4, 8 … seconds: twice if a person waits for it, else eight times.
    """
    with sessions.begin() as session:
        session.execute(GIVE_UP, {"most": MOST_TRIES})
        job = session.execute(TAKE, {"most": MOST_TRIES, "lease": lease}).first()
    if job is None:
        return False
    progress = Progress(job.id, sessions, job.actor_id)
    try:
        with _held(sessions, job.id, lease):
            result = handlers[job.name](progress, **job.args)
    except Cancelled:
        _end(sessions, job.id, "cancelled", None)
    except AppError as fault:
        _end(sessions, job.id, "refused", {"message": fault.message, "facts": fault.facts})
    except (GeometryFault, CodeFault) as fault:
        _end(sessions, job.id, "refused", {"message": fault.message, "facts": fault.facts})
    except Exception:
        log.exception("job failed", job=job.name, tries=job.tries)
        error = _storable(traceback.format_exc()[-2_000:])
        told = {"id": job.id, "tries": job.tries, "error": error}
        with sessions.begin() as session:
            session.execute(FAILED, told)
    else:
        if not progress.finished:
            _end(sessions, job.id, "done", result if isinstance(result, Mapping) else None)
    return True


@contextmanager
def _held(sessions: sessionmaker[Session], job: int, lease: float) -> Iterator[None]:
    """Keep the lease on ``job`` while the block runs, from a thread beside it."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(lease / SIGNS):
            try:
                with sessions.begin() as session:
                    session.execute(RENEW, {"id": job, "lease": lease})
            except Exception as lost:
                log.warning("lease not renewed", job=job, error=str(lost).strip())

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _end(
    sessions: sessionmaker[Session], job: int, ended: str, result: Mapping[str, Any] | None
) -> None:
    with sessions.begin() as session:
        session.execute(END, {"id": job, "ended": ended, "result": _json(result)})


def _json(result: Mapping[str, Any] | None) -> str | None:
    if result is None:
        return None
    return json.dumps(_storable(result), ensure_ascii=False, default=str)


def _storable(value: Any) -> Any:
    """Return ``value`` without what no text of the database holds, wherever a file had it."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_storable(key): _storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    return value


def cancel(session: Session, job: int) -> None:
    """Ask for ``job`` to be stopped: at once if nobody began it, else when it next tells."""
    session.execute(CANCEL, {"id": job})
