"""The code profile is the city's own, with its former ones; part surveys (普查)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
CODE = sa.String(collation="C")


def upgrade() -> None:
    """Make what switching profiles needs; a city in use runs the oldest profile until told."""
    _profiles()


def _profiles() -> None:
    op.create_table(
        "city",
        sa.Column("only", sa.Boolean(), server_default=text("true"), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_city")),
    )
    op.create_table(
        "profile_switches",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=text("now()"), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.Column("kept", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_switches")),
    )
    op.create_table(
        "former_codes",
        sa.Column("part", CODE, nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("part", "profile", name=op.f("pk_former_codes")),
    )
    op.create_table(
        "former_kinds",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("what", "key", "profile", name=op.f("pk_former_kinds")),
    )


def downgrade() -> None:
    """Take it away again."""
    for table in ("former_kinds", "former_codes", "profile_switches", "city"):
        op.drop_table(table)
