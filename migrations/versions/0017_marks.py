"""What cases count for in evaluation: marks, their daily tallies, and the days of inspectors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0017"
down_revision = "0016"
CODE = sa.String(collation="C")
AT = sa.DateTime(timezone=True)
JOINED = """
CREATE AGGREGATE array_joined(anycompatiblearray) (
    sfunc = array_cat, stype = anycompatiblearray, parallel = safe)
"""


def upgrade() -> None:
    """Make the tables; the whole history waits to be counted."""
    op.execute(JOINED)
    _marks()
    _cursor()
    _patrol_days()


def _marks() -> None:
    op.create_table(
        "marks",
        sa.Column("case_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("side", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("object", CODE, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("indicators", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "side", "object", "day", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_side", "marks", ["side", "object", "day"])
    op.create_table(
        "tallies",
        sa.Column("side", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("object", CODE, nullable=False),
        sa.Column("indicator", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("side", "day", "object", "indicator", name=op.f("pk_tallies")),
    )
    op.create_table(
        "mark_clocks",
        sa.Column("case_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_mark_clocks")),
    )
    op.create_index("ix_mark_clocks_at", "mark_clocks", ["at"])


def _cursor() -> None:
    op.create_table(
        "mark_cursor",
        sa.Column("only", sa.Boolean(), server_default=text("true"), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=text("0"), nullable=False),
        sa.Column("at", AT, server_default=text("now()"), nullable=False),
        sa.Column("counted_to", sa.BigInteger(), server_default=text("0"), nullable=False),
        sa.Column("whole_at", AT),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_mark_cursor")),
    )
    op.execute("INSERT INTO mark_cursor (seq) SELECT last FROM feed_head")


def _patrol_days() -> None:
    whole = [sa.Column(n, sa.Integer(), nullable=False) for n in ("shift_id", "beat_id")]
    op.create_table(
        "patrol_days",
        sa.Column("day", sa.Date(), nullable=False),
        *whole,
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("begins", AT, nullable=False),
        sa.Column("ends", AT, nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("cells", sa.ARRAY(CODE), nullable=False),
        sa.Column("walked", sa.ARRAY(CODE), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "shift_id", "beat_id", "person_id", name=op.f("pk_patrol_days")
        ),
    )
    op.create_index("ix_patrol_days_person_id", "patrol_days", ["person_id", "day"])
