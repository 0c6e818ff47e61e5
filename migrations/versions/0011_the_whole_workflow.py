"""Every branch of the workflow: requests, helpers, parts of a divided case, mergers.

What was left of a limit when its clock was stopped, and the handling limit beside the desk's own
short ones, are columns: a clock must be able to go on where it was.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from app.org.rules import PERMISSIONS

revision = "0011"
down_revision = "0010"

NEW = {
    "case.ask_void": ("agent", "shift_leader", "dispatcher"),
    "case.decide": ("shift_leader", "leader", "commander"),
    "case.review": ("shift_leader",),
    "case.approve": ("leader", "commander"),
}
COUNTS = ("extensions", "suspensions", "returns")
TRUTHS = ("exempt", "appealed", "self_handled")


def upgrade() -> None:
    """Add columns and tables; give the posts that exist their new permissions."""
    for name in COUNTS:
        op.add_column(
            "cases",
            sa.Column(name, sa.SmallInteger(), server_default=text("0"), nullable=False),
        )
    for name in TRUTHS:
        op.add_column(
            "cases",
            sa.Column(name, sa.Boolean(), server_default=text("false"), nullable=False),
        )
    op.add_column("cases", sa.Column("confirmed", sa.Boolean()))
    op.add_column("cases", sa.Column("filer_id", sa.Integer()))
    op.add_column("cases", sa.Column("parent_id", sa.BigInteger(), sa.ForeignKey("cases.id", name="fk_cases_parent_id_cases")))
    op.add_column("cases", sa.Column("merged_into", sa.BigInteger(), sa.ForeignKey("cases.id", name="fk_cases_merged_into_cases")))
    op.add_column("cases", sa.Column("handle_from", sa.DateTime(timezone=True)))
    op.add_column("cases", sa.Column("handle_limit", sa.Float()))
    op.add_column("cases", sa.Column("left_value", sa.Float()))
    op.add_column("cases", sa.Column("left_for", sa.String()))
    op.add_column("cases", sa.Column("suspended_until", sa.DateTime(timezone=True)))
    op.create_index("ix_cases_parent_id", "cases", ["parent_id"], postgresql_where=text("parent_id IS NOT NULL"))
    op.create_index("ix_cases_merged_into", "cases", ["merged_into"], postgresql_where=text("merged_into IS NOT NULL"))
    op.create_index("ix_cases_suspended_until", "cases", ["suspended_until"], postgresql_where=text("suspended_until IS NOT NULL"))
    op.create_check_constraint("merged_into_another", "cases", "merged_into <> id")
    # What runs now was started by a dispatch or a rework: its clock is the handling clock.
    op.execute(
        "UPDATE cases SET handle_from = clock_at, handle_limit = clock_limit"
        " WHERE state IN ('dispatched', 'handling') AND clock_at IS NOT NULL"
    )
    _requests()
    _helpers()
    op.create_table(
        "number_patterns",
        sa.Column("profile", sa.String(), primary_key=True),
        sa.Column("pattern", sa.String(), nullable=False),
    )
    for permission, posts in NEW.items():
        for post in posts:
            assert permission in PERMISSIONS[post]
            op.execute(
                "INSERT INTO post_permissions (post, permission)"
                f" SELECT code, '{permission}' FROM posts WHERE code = '{post}'"
            )


def _requests() -> None:
    op.create_table(
        "case_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("uid", sa.Uuid(), server_default=text("gen_random_uuid()"), nullable=False, unique=True),
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("levels", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("done", sa.SmallInteger(), server_default=text("0"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("department", sa.String()),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_step", sa.SmallInteger(), nullable=False),
        sa.Column("reviewed_by", sa.Integer()),
        sa.Column("reviewed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Integer()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_step", sa.SmallInteger()),
        sa.Column("outcome", sa.String()),
        sa.CheckConstraint("done <= cardinality(levels)", name="no_more_agree_than_must"),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_with_an_outcome"),
        sa.CheckConstraint(
            "outcome IN ('granted','refused','withdrawn','lapsed')", name="outcome_known"
        ),
    )
    op.create_index("uq_case_requests_open", "case_requests", ["case_id"], unique=True, postgresql_where=text("ended_at IS NULL"))
    op.create_index("ix_case_requests_case_id", "case_requests", ["case_id", "id"])
    op.create_index("ix_case_requests_open_level", "case_requests", ["id"], postgresql_where=text("ended_at IS NULL"))


def _helpers() -> None:
    op.create_table(
        "case_helpers",
        sa.Column("case_id", sa.BigInteger(), sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("department", sa.String(), sa.ForeignKey("departments.code"), primary_key=True),
        sa.Column("asked_step", sa.SmallInteger(), primary_key=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_step", sa.SmallInteger()),
    )
    op.create_index("ix_case_helpers_department", "case_helpers", ["department", "case_id"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("number_patterns")
    op.drop_table("case_helpers")
    op.drop_table("case_requests")
    op.drop_constraint("ck_cases_merged_into_another", "cases")
    for name in (
        *COUNTS, *TRUTHS, "confirmed", "filer_id", "parent_id", "merged_into",
        "handle_from", "handle_limit", "left_value", "left_for", "suspended_until",
    ):
        op.drop_column("cases", name)
    for permission in NEW:
        op.execute(f"DELETE FROM post_permissions WHERE permission = '{permission}'")
