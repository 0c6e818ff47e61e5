"""Long work that people see: jobs with progress and an end, uploaded files, new permissions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
COLUMNS = (
    sa.Column("at", sa.DateTime(timezone=True), server_default=text("now()"), nullable=False),
    sa.Column("actor_id", sa.Integer()),
    sa.Column("title", sa.String(), server_default="", nullable=False),
    sa.Column("begun_at", sa.DateTime(timezone=True)),
    sa.Column("done", sa.BigInteger(), server_default=text("0"), nullable=False),
    sa.Column("total", sa.BigInteger()),
    sa.Column("note", sa.String(), server_default="", nullable=False),
    sa.Column("result", postgresql.JSONB()),
    sa.Column("ended", sa.String()),
    sa.Column("cancel_asked_at", sa.DateTime(timezone=True)),
)
PERMISSIONS = ("admin.use", "data.import", "job.manage", "place.edit", "part.edit", "layer.edit")


def upgrade() -> None:
    """Add columns and a table; an administrator of a city in use gets the new permissions."""
    for column in COLUMNS:
        op.add_column("jobs", column)
    op.create_check_constraint(
        op.f("ck_jobs_ended_known"), "jobs", "ended IN ('done','refused','cancelled','failed')"
    )
    op.create_index(
        "ix_jobs_actor_id",
        "jobs",
        ["actor_id", "id"],
        postgresql_where=text("actor_id IS NOT NULL"),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("uploader_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_at", "uploads", ["at"])
    for permission in PERMISSIONS:
        op.execute(
            "INSERT INTO post_permissions (post, permission)"
            f" SELECT code, '{permission}' FROM posts WHERE code = 'admin' ON CONFLICT DO NOTHING"
        )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("uploads")
    op.drop_index("ix_jobs_actor_id", "jobs")
    op.drop_constraint(op.f("ck_jobs_ended_known"), "jobs")
    for column in COLUMNS:
        op.drop_column("jobs", column.name)
