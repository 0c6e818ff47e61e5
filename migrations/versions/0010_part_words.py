"""Parts are found by words in their names and by the number written on them.

``bigrams`` splits a name into pairs of characters, as for cases: two characters are the usual
Chinese needle.  A number on a pole is read aloud, so its letters have no case.  What the reason against
a row of a layer is filled with is kept beside it, so that it is said in the reader's language.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make both indexes and the column."""
    facts = sa.Column("facts", postgresql.JSONB(), server_default=text("'{}'"), nullable=False)
    op.add_column("layer_repairs", facts)
    op.create_index(
        "ix_parts_words", "parts", [text("bigrams(name)")], postgresql_using="gin"
    )
    op.create_index(
        "ix_parts_number",
        "parts",
        [text("lower(external_id)")],
        postgresql_where=text("external_id IS NOT NULL"),
    )
