"""The command that says how a profile writes its case numbers."""

import click
from flask.cli import with_appcontext

from app.cases import service as cases
from app.cli_imports import told
from app.kernel.db import transaction


@click.command("number-pattern")
@click.argument("profile")
@click.argument("pattern")
@with_appcontext
def number_pattern(profile: str, pattern: str) -> None:
    """Write case numbers under code PROFILE by PATTERN, for example {kind}{day}{serial:04d}.

    Numbers that were given stay as they are.
    """
    with told(), transaction() as session:
        example = cases.set_number_pattern(session, profile, pattern)
    click.echo(f"{profile}: the next numbers look like {example}")
