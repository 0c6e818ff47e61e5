"""The command that runs the city under another code profile."""

import click
from flask.cli import with_appcontext

from app.cli_imports import told
from app.kernel.db import transaction
from grid_codes.profiles import PROFILES
from seed_data.standard.switch import switch


@click.command("switch-profile")
@click.argument("name", type=click.Choice([p.name for p in PROFILES]))
@click.option("--dry-run", is_flag=True, help="Print the report and change nothing.")
@with_appcontext
def switch_profile(name: str, dry_run: bool) -> None:
    """Convert kinds, parts, cases, limits and routes to code profile NAME, by the crosswalk.

    Prints what has no counterpart, or several. The way back restores every code. Stop the
    server's writers while it runs: it holds the register.
    """
    with told(), transaction() as session:
        report = switch(session, name, dry=dry_run)
    for line in report.lines():
        click.echo(line)
    click.echo("Nothing was changed." if dry_run else f"The city runs {name}.")
