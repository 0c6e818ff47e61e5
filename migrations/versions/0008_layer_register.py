"""The register of layers: own layers in versions, styles in versions, imports of the base map."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
NOW = text("now()")
SYSTEM = (
    ("base", "底图", "Base map", 0, 9, 22),
    ("zones", "功能区", "Zones", 5, 9, 22),
    ("beats", "责任网格", "Beats", 10, 10, 22),
    ("cells", "单元网格", "Unit grids", 20, 12, 22),
    ("parts", "部件", "Parts", 30, 9, 22),
    ("cases", "案卷", "Cases", 40, 9, 22),
)
"""Name, titles, place in the drawing order, first and last zoom."""
BASE_KINDS = "('road','path','rail','water','green','building','place','poi')"
FORMER_KINDS = "('road','water','green','building','place')"
STAMP = (
    ("at", sa.DateTime(timezone=True), {"server_default": NOW, "nullable": False}),
    ("actor_id", sa.Integer(), {}),
)


def _stamp() -> list[sa.Column]:
    return [sa.Column(name, kind, **how) for name, kind, how in STAMP]


def _geometry(name: str, srid: int, *how: sa.Computed) -> sa.Column:
    return sa.Column(name, Geometry("GEOMETRY", srid=srid, spatial_index=False), *how)


def upgrade() -> None:
    """Make the tables, enter the layers that every city has, and let base features carry tags."""
    _register()
    _contents()
    _base_map()
    rows = [
        {"name": n, "title": t, "title_en": e, "position": p, "min_zoom": a, "max_zoom": z}
        for n, t, e, p, a, z in SYSTEM
    ]
    op.get_bind().execute(
        text(
            "INSERT INTO layers (name, is_own, title, title_en, position, min_zoom, max_zoom)"
            " VALUES (:name, false, :title, :title_en, :position, :min_zoom, :max_zoom)"
        ),
        rows,
    )
    op.execute(
        "CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON layers"
        " FOR EACH STATEMENT EXECUTE FUNCTION freshen('layers')"
    )


def _register() -> None:
    op.create_table(
        "layers",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_own", sa.Boolean(), server_default=text("true"), nullable=False),
        *(
            sa.Column(name, sa.String(), server_default="", nullable=False)
            for name in (
                *("title", "title_en", "abstract", "source", "licence", "accuracy"),
                *("contact", "keywords"),
            )
        ),
        sa.Column("surveyed_on", sa.Date()),
        sa.Column(
            "posts", postgresql.ARRAY(sa.String()), server_default=text("'{}'"), nullable=False
        ),
        sa.Column("min_zoom", sa.SmallInteger(), server_default=text("9"), nullable=False),
        sa.Column("max_zoom", sa.SmallInteger(), server_default=text("22"), nullable=False),
        sa.Column("position", sa.SmallInteger(), server_default=text("25"), nullable=False),
        sa.Column("statistics", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("version_id", sa.Integer()),
        sa.Column("style_id", sa.Integer()),
        sa.Column("revision", sa.Integer(), server_default=text("1"), nullable=False),
        sa.CheckConstraint("name ~ '^[a-z][a-z0-9_]{1,39}$'", name=op.f("ck_layers_name_plain")),
        sa.CheckConstraint(
            "min_zoom BETWEEN 0 AND 22 AND max_zoom BETWEEN min_zoom AND 22",
            name=op.f("ck_layers_zooms_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layers")),
        sa.UniqueConstraint("name", name=op.f("uq_layers_name")),
    )
    op.create_table(
        "layer_styles",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        *_stamp(),
        sa.ForeignKeyConstraint(
            ["layer_id"],
            ["layers.id"],
            name=op.f("fk_layer_styles_layer_id_layers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_styles")),
    )
    op.create_index("ix_layer_styles_layer_id", "layer_styles", ["layer_id", "id"])


def _contents() -> None:
    op.create_table(
        "layer_versions",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("layer_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer()),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("crs", sa.String(), server_default="", nullable=False),
        sa.Column("report", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("statistics", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        *_stamp(),
        sa.ForeignKeyConstraint(
            ["layer_id"],
            ["layers.id"],
            name=op.f("fk_layer_versions_layer_id_layers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_versions")),
    )
    op.create_index("ix_layer_versions_layer_id", "layer_versions", ["layer_id", "id"])
    attributes = ("attributes", postgresql.JSONB(), {"server_default": text("'{}'")})
    op.create_table(
        "layer_features",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column(attributes[0], attributes[1], nullable=False, **attributes[2]),
        _geometry("geom", 4490),
        _geometry("geom3857", 3857, sa.Computed("ST_Transform(geom, 3857)", persisted=True)),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["layer_versions.id"],
            name=op.f("fk_layer_features_version_id_layer_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_features")),
    )
    op.create_index("ix_layer_features_version_id", "layer_features", ["version_id", "id"])
    op.create_index(
        "ix_layer_features_geom3857",
        "layer_features",
        ["version_id", "geom3857"],
        postgresql_using="gist",
    )
    op.create_table(
        "layer_repairs",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(attributes[0], attributes[1], nullable=False, **attributes[2]),
        _geometry("geom", 4490),
        sa.Column("accepted_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["layer_versions.id"],
            name=op.f("fk_layer_repairs_version_id_layer_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_repairs")),
    )
    op.create_index("ix_layer_repairs_version_id", "layer_repairs", ["version_id", "id"])


def _base_map() -> None:
    op.create_table(
        "base_imports",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("import_id", sa.Integer()),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("replaces", sa.String(), nullable=False),
        sa.Column("report", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        *_stamp(),
        sa.CheckConstraint(
            "replaces IN ('nothing','box','source','all')",
            name=op.f("ck_base_imports_replaces_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_imports")),
    )
    op.drop_constraint(op.f("ck_base_features_layer_known"), "base_features")
    op.create_check_constraint(
        op.f("ck_base_features_layer_known"), "base_features", f"layer IN {BASE_KINDS}"
    )
    op.add_column("base_features", sa.Column("import_id", sa.Integer()))
    op.add_column(
        "base_features",
        sa.Column("tags", postgresql.JSONB(), server_default=text("'{}'"), nullable=False),
    )
    op.create_index("ix_base_features_import_id", "base_features", ["import_id"])
    op.create_table(
        "base_retired",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("retired_by", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer()),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("cls", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tags", postgresql.JSONB(), nullable=False),
        _geometry("geom", 4490),
        sa.ForeignKeyConstraint(
            ["retired_by"],
            ["base_imports.id"],
            name=op.f("fk_base_retired_retired_by_base_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base_retired")),
    )
    op.create_index("ix_base_retired_retired_by", "base_retired", ["retired_by"])


def downgrade() -> None:
    """Take it away again; what the older base map had no kinds for goes with it."""
    op.drop_table("base_retired")
    op.drop_index("ix_base_features_import_id", "base_features")
    op.drop_column("base_features", "tags")
    op.drop_column("base_features", "import_id")
    op.execute(f"DELETE FROM base_features WHERE layer NOT IN {FORMER_KINDS}")  # noqa: S608 - our own
    op.drop_constraint(op.f("ck_base_features_layer_known"), "base_features")
    op.create_check_constraint(
        op.f("ck_base_features_layer_known"), "base_features", f"layer IN {FORMER_KINDS}"
    )
    for table in ("base_imports", "layer_repairs", "layer_features", "layer_versions"):
        op.drop_table(table)
    op.drop_table("layer_styles")
    op.drop_table("layers")
