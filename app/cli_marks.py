"""The command that counts for evaluation what the whole history of cases counts for."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli_imports import progress, told
from app.evaluation import marks


@click.command("count-marks")
@click.option("--anew", is_flag=True, help="From the first case, also where a count had got to.")
@with_appcontext
def count_marks(anew: bool) -> None:
    """Count every case for evaluation; one that was broken off goes on where it was."""
    with told(), progress("cases") as tell:
        counted = marks.count_whole(current_app.extensions["sessions"], anew=anew, tell=tell)
    click.echo(f"{counted} cases counted")
