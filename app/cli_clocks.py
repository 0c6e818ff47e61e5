"""Commands of the clocks: ``flask deadline``, ``import-holidays``, ``reprocess``."""

from datetime import datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cases import reprocess as moving
from app.catalogue import service as catalogue
from app.catalogue.announced import next_year
from app.catalogue.queries import handbook
from app.catalogue.routing import Said
from app.catalogue.rules import Calendar, Handbook, Limit, deadline, explain
from app.catalogue.why import why
from app.cli_imports import told
from app.kernel import clock
from app.kernel.clock import CITY_TIME, local
from app.kernel.db import reading, transaction
from app.kernel.errors import AppError, sentence
from app.kernel.i18n import LOCALES
from app.kernel.i18n import catalogue as texts_of
from grid_codes.holidays import parse_holidays

LANGUAGE = click.option("--language", type=click.Choice(list(LOCALES)), default="en")


@click.command("deadline")
@click.option("--start", required=True, help="City time, like 2026-11-23 09:00")
@click.option("--limit", required=True, type=float)
@click.option("--unit", required=True, help="uwh uwd wh wd nd")
@click.option("--calendar", help="The city's own (default) if nothing is said.")
@click.option("--department", help="Walk by the calendar of this department.")
@click.option("--post", help="Walk by the calendar of this post.")
@LANGUAGE
@with_appcontext
def deadline_(
    start: str,
    limit: float,
    unit: str,
    calendar: str | None,
    department: str | None,
    post: str | None,
    language: str,
) -> None:
    """Print when work begun at START is due, and how one gets there."""
    with told():
        begun = _instant(start)
        with reading() as session:
            days = _days(handbook(session), begun, calendar, department, post)
        found = deadline(begun, Limit(limit, unit), days)
    click.echo(f"due {found.due:%Y-%m-%d %H:%M}")
    click.echo(explain(found))
    for said in why(found, days):
        click.echo(_said(said, language))
    if unit in ("wh", "wd") and not days.announced:
        click.echo(f"The holidays of {found.due.year} are not announced: weekdays assumed.")


def _days(
    book: Handbook, begun: datetime, name: str | None, department: str | None, post: str | None
) -> Calendar:
    """Return the calendar that was named, else that of the department or post on that day."""
    if name:
        return book.calendar(name)
    return book.calendar_for(department=department, post=post, on=begun.date())


def _said(said: Said, language: str) -> str:
    texts = texts_of(language)
    facts = {k: texts.gettext(v) if isinstance(v, str) and v else v for k, v in said.facts.items()}
    return texts.gettext(said.message) % facts


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
@LANGUAGE
@with_appcontext
def import_holidays(file: Path, calendar: str, language: str) -> None:
    """Store days off and make-up days from FILE (holiday-cn JSON) in a calendar.

    Says whether next year is announced; from 1 December on it warns aloud.
    """
    with told():
        days = parse_holidays(file.read_bytes())
        with transaction() as session:
            stored = catalogue.import_days(session, calendar, days)
        with reading() as session:
            kept = handbook(session).calendar(calendar)
    click.echo(f"{stored} days stored in calendar {calendar}")
    if not stored:
        click.echo("The file names no days: the year is not announced yet, weekdays are assumed.")
    found = next_year(kept, local(clock.now()).date())
    if found:
        click.echo(_said(found.said, language), err=found.loud)


@click.command("reprocess")
@click.option("--dry-run", is_flag=True, help="Only list what would move.")
@click.option("--department", default="", help="Only cases of this department.")
@with_appcontext
def reprocess(dry_run: bool, department: str) -> None:
    """Compute running clocks anew after a calendar or a limit was changed.

    Lists each case that moves: number, old deadline, new deadline.  Paused cases have no running
    clock and are left alone.
    """
    with told(), reading() as session:
        moving.require_department(session, department)
        count = 0
        for one in moving.plan(session, department=department):
            old, new = (f"{local(at):%Y-%m-%d %H:%M}" for at in (one.old, one.new))
            click.echo(f"{one.row.number or one.row.uid} {old} -> {new}")
            count += 1
    if dry_run:
        click.echo(f"{count} cases would move, nothing was changed")
        return
    with told():
        moved = moving.run(current_app.extensions["sessions"], department=department)
    click.echo(f"{moved} cases moved")


COMMANDS: tuple[click.Command, ...] = (deadline_, import_holidays, reprocess)
