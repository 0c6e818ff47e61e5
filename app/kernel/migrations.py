"""Bringing the database to the present shape, and knowing whether it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData, NullPool, create_engine, make_url

from app.kernel.errors import Refused, sentence

END_OURS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()"
)
FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"
NOT_OURS = {"spatial_ref_sys", "alembic_version"}
EXPRESSIONS = {"ix_cases_words"}


def settings(engine: Engine | None = None) -> Config:
    """Return alembic's settings for our folder and ``engine``."""
    found = Config()
    found.set_main_option("script_location", str(FOLDER))
    found.attributes["engine"] = engine
    return found


def newest() -> str:
    """Return the number of the newest migration."""
    return max(file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def check_durable(engine: Engine) -> None:
    """Raise ``Refused`` if the server may forget what it acknowledged."""
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            if connection.exec_driver_sql(f"SHOW {setting}").scalar_one() == "off":
                raise Refused(
                    sentence(
                        "PostgreSQL runs with %(setting)s=off and may lose cases. Turn it on."
                    ),
                    setting=setting,
                )


def upgrade(engine: Engine) -> None:
    """Apply every migration that the database lacks."""
    command.upgrade(settings(engine), "head")


@contextmanager
def scratch(url: str) -> Iterator[Engine]:
    """Yield an engine on a new database beside that of ``url``, and drop it afterwards."""
    name = f"wanmi_check_{uuid4().hex[:8]}"
    server = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    engine = create_engine(make_url(url).set(database=name), poolclass=NullPool)
    with server.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        try:
            yield engine
        finally:
            # Not WITH (FORCE): an ordinary role may not end the autovacuum that may be inside;
            # without it PostgreSQL asks that to leave and waits.
            connection.exec_driver_sql(END_OURS, (name,))
            connection.exec_driver_sql(f'DROP DATABASE "{name}"')


def belongs(name: str | None, kind: str) -> bool:
    """Say whether a table or index can be compared with the models.

    PostGIS keeps tables of its own, and an index on an expression never reads back
    as it was written.
    """
    return name not in (NOT_OURS if kind == "table" else EXPRESSIONS)


def drift(engine: Engine, metadata: MetaData) -> list[str]:
    """Return how the database differs from the models; an empty list is what should be."""
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_object": lambda _, name, kind, *__: belongs(name, kind),
            },
        )
        return [repr(change) for change in compare_metadata(context, metadata)]
