"""The code profile is the city's own, with its former ones; part surveys (普查)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
CODE = sa.String(collation="C")
# A part keeps the code of the cell it was surveyed in; once that cell has ended, its place says
# which cell of today it is in.
IN_CELL_TODAY = """
CREATE FUNCTION in_cell_today(known text, place geometry, cell text, ground geometry) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT known = cell OR ST_Covers(ground, ST_PointOnSurface(place))
        AND NOT EXISTS (SELECT FROM cells c WHERE c.code = known AND c.ended_on IS NULL)
$$
"""
PERMISSIONS = {
    "inspector": ("survey.read", "survey.work"),
    "evaluator": ("admin.use", "survey.read", "survey.check"),
    "admin": ("survey.read", "survey.manage", "survey.check"),
}


def upgrade() -> None:
    """Make what switching profiles needs; a city in use runs the oldest profile until told."""
    op.execute(IN_CELL_TODAY)
    _profiles()
    _surveys()
    for post, permissions in PERMISSIONS.items():
        for permission in permissions:
            op.execute(
                "INSERT INTO post_permissions (post, permission)"
                f" SELECT code, '{permission}' FROM posts WHERE code = '{post}'"
                " ON CONFLICT DO NOTHING"
            )


def _surveys() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.String()), server_default=text("'{}'"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), server_default="open", nullable=False),
        sa.Column("accepted", sa.Boolean()),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('open','closed')", name=op.f("ck_campaigns_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "campaign_cells",
        sa.Column("campaign", sa.Integer(), nullable=False),
        sa.Column("cell", CODE, nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("expected", sa.Integer(), server_default=text("0"), nullable=False),
        sa.Column("surveyor_id", sa.Integer()),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("drawn_at", sa.DateTime(timezone=True)),
        sa.Column("checker_id", sa.Integer()),
        sa.Column("sample", postgresql.JSONB()),
        sa.CheckConstraint(
            "state IN ('waiting','working','done','passed','failed')",
            name=op.f("ck_campaign_cells_state_known"),
        ),
        sa.PrimaryKeyConstraint("campaign", "cell", name=op.f("pk_campaign_cells")),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_campaign_cells_campaign_campaigns")
        ),
    )
    op.create_index("ix_campaign_cells_state", "campaign_cells", ["campaign", "state", "cell"])
    op.create_table(
        "campaign_findings",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("campaign", sa.Integer(), nullable=False),
        sa.Column("cell", CODE, nullable=False),
        sa.Column("part", CODE, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_findings")),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name=op.f("fk_campaign_findings_campaign_campaigns")
        ),
    )
    op.create_index(
        "ix_campaign_findings_cell", "campaign_findings", ["campaign", "cell", "part", "id"]
    )


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
    for table in ("campaign_findings", "campaign_cells", "campaigns"):
        op.drop_table(table)
    for table in ("former_kinds", "former_codes", "profile_switches", "city"):
        op.drop_table(table)
    op.execute("DROP FUNCTION in_cell_today")
