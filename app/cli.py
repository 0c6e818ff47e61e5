"""Commands: ``flask …`` from the checkout."""

import threading
from signal import SIGINT, SIGTERM, signal
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app import jobs, models
from app.cli_clocks import COMMANDS as CLOCKS
from app.cli_demo import seed_demo
from app.cli_imports import COMMANDS as IMPORTS
from app.cli_imports import told
from app.cli_journal import COMMANDS as JOURNAL
from app.cli_marks import count_marks
from app.cli_numbers import number_pattern
from app.cli_profile import switch_profile
from app.cli_scores import COMMANDS as SCORES
from app.kernel import migrations, translations
from app.kernel.db import transaction
from app.live import service as live
from config import Config
from seed_data.standard.load import load as load_standard


def install(app: Flask) -> None:
    """Make every command known to ``flask``."""
    for command in (
        migrate,
        live_,
        worker,
        clock_,
        check_translations,
        check_migrations,
        seed_demo,
        switch_profile,
        number_pattern,
        count_marks,
        *IMPORTS,
        *CLOCKS,
        *JOURNAL,
        *SCORES,
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
