"""Commands: ``flask …`` from the checkout."""

import threading
from datetime import datetime
from pathlib import Path
from signal import SIGINT, SIGTERM, signal
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app import jobs, models
from app.catalogue import service as catalogue
from app.catalogue.queries import handbook
from app.catalogue.rules import Limit, deadline, explain
from app.cli_demo import seed_demo
from app.cli_imports import COMMANDS as IMPORTS
from app.cli_imports import told
from app.cli_journal import COMMANDS as JOURNAL
from app.cli_profile import switch_profile
from app.kernel import migrations, translations
from app.kernel.clock import CITY_TIME
from app.kernel.db import reading, transaction
from app.kernel.errors import AppError, sentence
from app.live import service as live
from config import Config
from grid_codes.holidays import parse_holidays
from seed_data.standard.load import load as load_standard


def install(app: Flask) -> None:
    """Make every command known to ``flask``."""
    for command in (
        migrate,
        live_,
        worker,
        clock_,
        deadline_,
        import_holidays,
        check_translations,
        check_migrations,
        seed_demo,
        switch_profile,
        *IMPORTS,
        *JOURNAL,
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
@click.option("--demo", is_flag=True, help="Build the demo city too, in an empty database.")
@with_appcontext
@click.pass_context
def migrate(context: click.Context, demo: bool) -> None:
    """Bring the database to the present shape and store the standard rows it lacks."""
    engine = current_app.extensions["engine"]
    with told():
        migrations.check_durable(engine)
    migrations.upgrade(engine)
    with transaction() as session:
        load_standard(session, current_app.config["PROFILE"])
    if demo:
        context.invoke(seed_demo, if_empty=True)


@click.command("live")
@with_appcontext
def live_() -> None:
    """Publish the outbox as the feed, for ever."""
    live.run(_sessions(), _until_told())


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run background jobs, for ever."""
    jobs.run_worker(_sessions(), settings(), _until_told())


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
    with told():
        begun = _instant(start)
        with reading() as session:
            days = handbook(session).calendar(calendar)
        found = deadline(begun, Limit(limit, unit), days)
    click.echo(f"due {found.due:%Y-%m-%d %H:%M}")
    click.echo(explain(found))
    if unit in ("wh", "wd") and found.due.year not in days.announced:
        click.echo(f"The holidays of {found.due.year} are not announced: weekdays assumed.")


def _instant(given: str) -> datetime:
    """Return ``given`` in city time, or raise a sentence that shows how to write it."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise AppError(
            sentence("“%(given)s” is no time. Write it like 2026-11-23 09:00."), given=given
        ) from None
    return at.astimezone(CITY_TIME) if at.tzinfo else at.replace(tzinfo=CITY_TIME)


@click.command("import-holidays")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--calendar", default="default", show_default=True)
@with_appcontext
def import_holidays(file: Path, calendar: str) -> None:
    """Store days off and make-up days from FILE (holiday-cn JSON) in a calendar."""
    with told():
        days = parse_holidays(file.read_bytes())
        with transaction() as session:
            stored = catalogue.import_days(session, calendar, days)
    click.echo(f"{stored} days stored in calendar {calendar}")
    if not stored:
        click.echo("The file names no days: the year is not announced yet, weekdays are assumed.")


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
