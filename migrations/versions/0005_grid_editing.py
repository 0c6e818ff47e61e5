"""Grid editing, zones and beats: lineage of codes, shifts, and zones beside the code tree."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
CODE = sa.String(collation="C")


def upgrade() -> None:
    """Add tables; the beats of a city in use become those of its first shift."""
    _shifts()
    _zones()
    _edits()


def _shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
        sa.UniqueConstraint("name", name=op.f("uq_shifts_name")),
    )
    op.execute("INSERT INTO shifts (name, begins, ends) VALUES ('全天', '00:00', '24:00')")
    op.add_column(
        "beats", sa.Column("shift_id", sa.Integer(), server_default=text("1"), nullable=False)
    )
    op.create_foreign_key(op.f("fk_beats_shift_id_shifts"), "beats", "shifts", ["shift_id"], ["id"])
    op.drop_constraint(op.f("uq_beats_name"), "beats")
    op.create_unique_constraint(op.f("uq_beats_shift_id_name"), "beats", ["shift_id", "name"])
    op.create_table(
        "beat_cells",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("cell", CODE, nullable=False),
        sa.Column("beat_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shift_id", "cell", name=op.f("pk_beat_cells")),
        sa.ForeignKeyConstraint(
            ["shift_id"], ["shifts.id"], name=op.f("fk_beat_cells_shift_id_shifts")
        ),
        sa.ForeignKeyConstraint(
            ["beat_id"], ["beats.id"], name=op.f("fk_beat_cells_beat_id_beats"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_beat_cells_beat_id", "beat_cells", ["beat_id"])
    op.create_table(
        "beat_inspectors",
        sa.Column("beat_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("beat_id", "person_id", name=op.f("pk_beat_inspectors")),
        sa.ForeignKeyConstraint(
            ["beat_id"],
            ["beats.id"],
            name=op.f("fk_beat_inspectors_beat_id_beats"),
            ondelete="CASCADE",
        ),
    )
    op.execute(
        "INSERT INTO beat_cells (shift_id, cell, beat_id) SELECT 1, c.code, b.id"
        " FROM cells c JOIN beats b ON b.id = c.beat_id WHERE c.ended_on IS NULL"
    )


def _zones() -> None:
    op.create_table(
        "zones",
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4490, spatial_index=False), nullable=False),
        sa.Column(
            "geom3857",
            Geometry("MULTIPOLYGON", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_zones")),
        sa.UniqueConstraint("name", name=op.f("uq_zones_name")),
        sa.CheckConstraint("code ~ '^Z[0-9]{6}$'", name=op.f("ck_zones_code_own")),
    )
    op.create_index("ix_zones_geom3857", "zones", ["geom3857"], postgresql_using="gist")
    op.create_table(
        "zone_members",
        sa.Column("member", CODE, nullable=False),
        sa.Column("zone", CODE, nullable=False),
        sa.PrimaryKeyConstraint("member", name=op.f("pk_zone_members")),
        sa.ForeignKeyConstraint(
            ["zone"], ["zones.code"], name=op.f("fk_zone_members_zone_zones"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_zone_members_zone", "zone_members", ["zone"])


def _edits() -> None:
    op.create_table(
        "cell_edits",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=text("now()"), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("community", CODE, nullable=False),
        sa.Column("ended", postgresql.ARRAY(CODE), nullable=False),
        sa.Column("begun", postgresql.ARRAY(CODE), nullable=False),
        sa.Column("undoes", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_edits")),
    )
    op.create_index("ix_cell_edits_community", "cell_edits", ["community", "id"])
    op.create_table(
        "cell_lineage",
        sa.Column("new", CODE, nullable=False),
        sa.Column("old", CODE, nullable=False),
        sa.PrimaryKeyConstraint("new", "old", name=op.f("pk_cell_lineage")),
    )
    op.create_index("ix_cell_lineage_old", "cell_lineage", ["old"])


def downgrade() -> None:
    """Take them away again; the beats of later shifts go with their shifts."""
    for table in ("cell_lineage", "cell_edits", "zone_members", "zones", "beat_inspectors"):
        op.drop_table(table)
    op.drop_table("beat_cells")
    op.execute("DELETE FROM beats WHERE shift_id <> 1")
    op.drop_constraint(op.f("uq_beats_shift_id_name"), "beats")
    op.create_unique_constraint(op.f("uq_beats_name"), "beats", ["name"])
    op.drop_column("beats", "shift_id")
    op.drop_table("shifts")
