"""Commands: ``flask …`` from the checkout."""

import json
import threading
from datetime import datetime
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app import jobs, models
from app.cases import reconcile as reconciling
from app.catalogue import service as catalogue
from app.catalogue.queries import handbook
from app.catalogue.rules import Limit, deadline, explain
from app.cli_demo import seed_demo
from app.kernel import migrations, translations
from app.kernel.clock import CITY_TIME
from app.kernel.db import reading, transaction
from app.kernel.errors import AppError
from app.live import service as live
from config import Config
from grid_codes.faults import CodeFault
from grid_codes.holidays import parse_holidays
from seed_data.standard.load import load as load_standard


class Told(click.ClickException):
    """A refusal shown as one sentence, without a trace."""

    def __init__(self, fault: Exception) -> None:
        message = fault.message % fault.facts if isinstance(fault, AppError) else str(fault)
        super().__init__(message)


def install(app: Flask) -> None:
    """Make every command known to ``flask``."""
    for command in (
        migrate,
        live_,
        worker,
        clock_,
        deadline_,
        import_holidays,
        reconcile,
        check_translations,
        check_migrations,
        seed_demo,
    ):
        app.cli.add_command(command)


def settings() -> Config:
    """Return the deployment's settings."""
    found: Config = current_app.config["SETTINGS"]
    return found


def _sessions() -> Any:
    return current_app.extensions["sessions"]


def _until_told() -> threading.Event:
    """Return an event that Ctrl-C or a polite kill sets."""
    stop = threading.Event()
    for sign in (SIGINT, SIGTERM):
        signal(sign, lambda *_: stop.set())
    return stop


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the present shape and store the standard rows it lacks."""
    migrations.upgrade(current_app.extensions["engine"])
    with transaction() as session:
        load_standard(session, current_app.config["PROFILE"])


@click.command("live")
@with_appcontext
def live_() -> None:
    """Publish the outbox as the feed, for ever."""
    stop = _until_told()
    threading.Thread(
        target=live.run, args=(settings().dsn, _sessions()), daemon=True, name="publisher"
    ).start()
    stop.wait()


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run background jobs, for ever."""
    jobs.run_worker(settings().dsn, _sessions(), _until_told())


@click.command("clock")
@with_appcontext
def clock_() -> None:
    """Fire the timetable while this process leads; stand by otherwise."""
    jobs.run_clock(settings().dsn, _sessions(), _until_told())


@click.command("deadline")
@click.option("--start", required=True, help="City time, like 2026-11-23 09:00")
@click.option("--limit", required=True, type=float)
@click.option("--unit", required=True, help="uwh uwd wh wd nd")
@click.option("--calendar", default="default", show_default=True)
@with_appcontext
def deadline_(start: str, limit: float, unit: str, calendar: str) -> None:
    """Print when work begun at START is due, and how one gets there."""
    try:
        begun = datetime.fromisoformat(start)
        with reading() as session:
            days = handbook(session).calendar(calendar)
        local = begun.astimezone(CITY_TIME) if begun.tzinfo else begun.replace(tzinfo=CITY_TIME)
        found = deadline(local, Limit(limit, unit), days)
    except (AppError, ValueError) as fault:
        raise Told(fault) from None
    click.echo(f"due {found.due:%Y-%m-%d %H:%M}")
    click.echo(explain(found))
    if unit in ("wh", "wd") and found.due.year not in days.announced:
        click.echo(f"The holidays of {found.due.year} are not announced: weekdays assumed.")


@click.command("import-holidays")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--calendar", default="default", show_default=True)
@with_appcontext
def import_holidays(file: Path, calendar: str) -> None:
    """Store days off and make-up days from FILE (holiday-cn JSON) in a calendar."""
    try:
        days = parse_holidays(file.read_bytes())
        with transaction() as session:
            stored = catalogue.import_days(session, calendar, days)
    except (AppError, CodeFault, UnicodeDecodeError) as fault:
        raise Told(fault) from None
    click.echo(f"{stored} days stored in calendar {calendar}")
    if not stored:
        click.echo("The file names no days: the year is not announced yet, weekdays are assumed.")


@click.command("reconcile")
@with_appcontext
def reconcile() -> None:
    """Hold journal, summaries, outbox, files and audit together; exit 1 if they differ."""
    with reading() as session:
        found = reconciling.differences(session, current_app.config["FILES"])
    for difference in found:
        click.echo(json.dumps(difference, ensure_ascii=False, default=str))
    click.echo(f"{len(found)} differences")
    raise SystemExit(1 if found else 0)


@click.command("check-translations")
@with_appcontext
def check_translations() -> None:
    """Fail if a text of the pages or the rules lacks its Chinese."""
    missing = translations.missing()
    for text in missing:
        click.echo(f"not translated: {text}")
    raise SystemExit(1 if missing else 0)


@click.command("check-migrations")
@with_appcontext
def check_migrations() -> None:
    """Fail if the migrations do not lead to the tables that the models describe."""
    with migrations.scratch(settings().database_url) as engine:
        migrations.upgrade(engine)
        changes = migrations.drift(engine, models.METADATA)
    for change in changes:
        click.echo(change)
    raise SystemExit(1 if changes else 0)
