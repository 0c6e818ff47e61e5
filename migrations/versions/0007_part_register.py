"""The whole register of parts: all fields, history, imports that can be compared and undone."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

CODE = sa.String(collation="C")
NOW = text("now()")
PARTS = (
    sa.Column("external_id", sa.String()),
    sa.Column("title_code", sa.String(), server_default="", nullable=False),
    sa.Column("title_name", sa.String(), server_default="", nullable=False),
    sa.Column("upkeep_code", sa.String(), server_default="", nullable=False),
    sa.Column("upkeep_name", sa.String(), server_default="", nullable=False),
    sa.Column("note", sa.String(), server_default="", nullable=False),
    sa.Column("changed_on", sa.Date()),
    sa.Column("version", sa.Integer(), server_default=text("1"), nullable=False),
)
IMPORTS = (
    sa.Column("kind", sa.String()),
    sa.Column("actor_id", sa.Integer()),
    sa.Column("upload_id", sa.Uuid()),
    sa.Column("mapping", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
    sa.Column("state", sa.String(), server_default="applied", nullable=False),
    sa.Column("counts", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
    sa.Column("applied_at", sa.DateTime(timezone=True)),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
)
INDEXES = (
    ("ix_parts_kind_code", ["kind", "code"], None),
    ("ix_parts_state_code", ["state", "code"], "state <> 'intact'"),
    ("ix_parts_owner_code", ["owner", "code"], "owner IS NOT NULL"),
    ("ix_parts_import_code", ["import_id", "code"], "import_id IS NOT NULL"),
    ("ix_parts_external", ["external_id", "kind"], "external_id IS NOT NULL"),
)


def upgrade() -> None:
    """Add the fields, the history, and what imports are compared in before they are applied."""
    for column in PARTS:
        op.add_column("parts", column)
    for name, columns, where in INDEXES:
        op.create_index(name, "parts", columns, postgresql_where=where and text(where))
    for column in IMPORTS:
        op.add_column("imports", column)
    op.create_check_constraint(
        op.f("ck_imports_state_known"),
        "imports",
        "state IN ('sent','compared','applied','undone','dropped')",
    )
    _steps()
    _rows()
    op.create_table(
        "import_mappings",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_import_mappings")),
    )


def _steps() -> None:
    op.create_table(
        "part_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("part", CODE, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("import_id", sa.Integer()),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("changes", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("photos", postgresql.JSONB(), server_default=text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_steps")),
        sa.UniqueConstraint("part", "position", name=op.f("uq_part_steps_part_position")),
        sa.CheckConstraint(
            "action IN ('add','edit','photo','import','undo','survey')",
            name=op.f("ck_part_steps_action_known"),
        ),
    )
    op.create_index("ix_part_steps_import_id", "part_steps", ["import_id", "part"],
                    postgresql_where=text("import_id IS NOT NULL"))
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON part_steps"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def _rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("code", CODE),
        sa.Column("reason", sa.String(), server_default="", nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("seen", sa.String(), server_default="", nullable=False),
        sa.Column("told", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("changes", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("repair", sa.String(), server_default="", nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4490, spatial_index=False)),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("pk_import_rows")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], ondelete="CASCADE",
                                name=op.f("fk_import_rows_import_id_imports")),
        sa.CheckConstraint(
            "action IN ('read','new','changed','same','gone','aside')",
            name=op.f("ck_import_rows_action_known"),
        ),
    )
    op.create_index("ix_import_rows_action", "import_rows", ["import_id", "action", "row"])
    op.create_index("ix_import_rows_code", "import_rows", ["import_id", "code"])


def downgrade() -> None:
    """Take them away again."""
    for table in ("import_mappings", "import_rows", "part_steps"):
        op.drop_table(table)
    op.drop_constraint(op.f("ck_imports_state_known"), "imports")
    for column in IMPORTS:
        op.drop_column("imports", column.name)
    for name, _, _ in INDEXES:
        op.drop_index(name, "parts")
    for column in PARTS:
        op.drop_column("parts", column.name)
