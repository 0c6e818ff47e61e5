"""Background jobs kept in PostgreSQL: a job exists if and only if its cause was committed."""

import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

log = structlog.get_logger("worker")
MOST_TRIES = 8

DEFER = text(
    "WITH told AS (INSERT INTO jobs (name, args, dedupe)"
    " VALUES (:name, CAST(:args AS jsonb), :dedupe)"
    " ON CONFLICT DO NOTHING) SELECT pg_notify('jobs', '')"
)
TAKE = text(
    "UPDATE jobs SET held_until = now() + interval '10 minutes', tries = tries + 1"
    " WHERE id = (SELECT id FROM jobs WHERE done_at IS NULL AND run_at <= now()"
    "   AND (held_until IS NULL OR held_until < now()) AND tries < :most"
    "   ORDER BY run_at, id FOR UPDATE SKIP LOCKED LIMIT 1)"
    " RETURNING id, name, args, tries"
)
DONE = text("UPDATE jobs SET done_at = now(), error = NULL WHERE id = :id")
FAILED = text(
    "UPDATE jobs SET held_until = NULL, error = :error,"
    " run_at = now() + make_interval(secs => least(600, 2 ^ :tries)) WHERE id = :id"
)

Handler = Callable[..., None]


def defer(session: Session, name: str, *, dedupe: str | None = None, **args: Any) -> None:
    """Ask for job ``name``, to run after this transaction commits; equal ``dedupe`` waits once."""
    session.execute(DEFER, {"name": name, "args": json.dumps(args), "dedupe": dedupe})


def run_one(sessions: sessionmaker[Session], handlers: Mapping[str, Handler]) -> bool:
    """Take the oldest job that is ready and run it; say whether there was one.

    A job that fails is tried again after 2, 4, 8 … seconds, at most eight times;
    a worker that dies leaves it to others after ten minutes.
    """
    with sessions.begin() as session:
        job = session.execute(TAKE, {"most": MOST_TRIES}).first()
    if job is None:
        return False
    try:
        handlers[job.name](**job.args)
    except Exception:
        log.exception("job failed", job=job.name, tries=job.tries)
        told = {"id": job.id, "tries": job.tries, "error": traceback.format_exc()[-2_000:]}
        with sessions.begin() as session:
            session.execute(FAILED, told)
    else:
        with sessions.begin() as session:
            session.execute(DONE, {"id": job.id})
    return True
