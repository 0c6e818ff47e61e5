"""Commands about the journal: proving it, exporting it, who may only add to it, replaying draws."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from app.cases import anchors
from app.cases import reconcile as reconciling
from app.cases.tasks import queries as tasks
from app.cases.tasks.rules import draw
from app.cli_imports import told
from app.evaluation import freezing
from app.evaluation import proof as counting
from app.kernel import clock, roles
from app.kernel.db import reading, transaction
from app.kernel.errors import Refused, sentence


@click.command("reconcile")
@click.option("--every", is_flag=True, help="Count every case anew, not only a sample of them.")
@with_appcontext
def reconcile(every: bool) -> None:
    """Hold journal, summaries, counts, outbox, files and audit together; exit 1 if they differ."""
    count = 0
    with transaction() as session:
        # One moment for every comparison: what is written meanwhile belongs to the next run.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        told_apart = chain(_differences(session), counting.walk(session, every=every))
        for difference in told_apart:
            click.echo(json.dumps(difference, ensure_ascii=False, default=str))
            count += 1
    click.echo(f"{count} differences")
    raise SystemExit(1 if count else 0)


def _differences(session: Session) -> Iterator[dict[str, Any]]:
    yield from reconciling.walk(session, current_app.config["FILES"], tell=_looking)
    _looking("a frozen period is not what was signed")
    yield from freezing.differences(session)


def _looking(what: str) -> None:
    click.echo(f"looking whether {what}", err=True)


@click.command("export-journal")
@click.option("--day", help="A day that is over, like 2026-11-23; yesterday if not given.")
@with_appcontext
def export_journal(day: str | None) -> None:
    """Write the journal of a day to DATA/journal, and anchor it."""
    yesterday = clock.local(clock.now()).date() - timedelta(days=1)
    with told():
        try:
            wanted = datetime.fromisoformat(day).date() if day else yesterday
        except ValueError:
            raise Refused(
                sentence("“%(given)s” is no day. Write it like 2026-11-23."), given=day
            ) from None
        if wanted > yesterday:
            raise Refused(sentence("A day is exported once it is over."))
        with transaction() as session:
            done = anchors.export(session, current_app.config["DATA"], wanted)
    click.echo(json.dumps(done))


@click.command("grant-app")
@click.argument("role")
@with_appcontext
def grant_app(role: str) -> None:
    """Give ROLE what the application needs, and no more: history it may only add to.

    Run as the owner of the tables, after each migration; then let DATABASE_URL name ROLE.
    """
    with transaction() as session:
        tables = roles.grant(session, role)
    click.echo(f"{role} may only add to: {', '.join(tables)}")


@click.command("replay-draw")
@click.argument("task", type=click.UUID)
@with_appcontext
def replay_draw(task: UUID) -> None:
    """Draw again, from the pool and the seed that TASK keeps; exit 1 if it gives another."""
    with told(), reading() as session:
        pool, seed, person = tasks.drawn(session, task)
    again = draw(pool, seed)
    click.echo(f"pool {' '.join(map(str, pool))}\nseed {seed}\ndrawn {again}, sent {person}")
    raise SystemExit(0 if again == person else 1)


COMMANDS = (reconcile, export_journal, grant_app, replay_draw)
