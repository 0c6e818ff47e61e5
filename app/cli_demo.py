"""The command that builds the demo city."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.kernel import clock, queue
from app.kernel.db import transaction
from seed_data.demo.load import Loader, is_empty, write_accounts


@click.command("seed-demo")
@click.option("--if-empty", is_flag=True, help="Do nothing if the city holds anything already.")
@with_appcontext
def seed_demo(if_empty: bool) -> None:
    """Build the demo city: an invented city with a year of work behind it."""
    config = current_app.config["SETTINGS"]
    with transaction() as session:
        if not is_empty(session):
            if if_empty:
                return
            raise click.ClickException(
                "This database is in use. Seed the demo city in an empty one."
            )
        now = clock.local(clock.now())
        loader = Loader(session, config.profile, config.data, now)
        shares = list(loader.steps())
        with click.progressbar(length=sum(s for *_, s in shares), label="demo city") as bar:
            for name, work, share in shares:
                bar.label = f"demo city: {name}"
                bar.update(0)
                work()
                bar.update(share)
        # The planner must know the new city before the first page asks.
        session.connection().exec_driver_sql("ANALYZE")
        queue.defer(session, "count_parts", dedupe="all")
        write_accounts(config.data / "demo-accounts.json", loader.accounts)
