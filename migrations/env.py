"""Runs migrations on the engine it is given."""

from alembic import context

import app.models  # noqa: F401 - every table must be known
from app.kernel.migrations import belongs
from app.kernel.tables import Base

engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=lambda name, kind, _: belongs(name, kind),
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
