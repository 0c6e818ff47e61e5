"""Addresses and place names (地理编码), the words they are found by, crossings, their history."""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
CODE = sa.String(collation="C")
IN_USE = "type = '{}' AND ended_on IS NULL"


DOOR_NAME = """
CREATE FUNCTION door_name(street text, number integer, sub text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN street ~ '^[\\x01-\\x7f]*$' THEN whole || ' ' || street
                ELSE street || whole || '号' END
    FROM (SELECT number || CASE WHEN sub = '' THEN '' ELSE '-' || sub END AS whole) n
$$
"""


def geometry(kind: str) -> geoalchemy2.Geometry:
    """Return a geometry type in EPSG:4490 whose index is made by hand."""
    return geoalchemy2.Geometry(kind, srid=4490, spatial_index=False)


def upgrade() -> None:
    """Make the tables."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute(DOOR_NAME)
    _addresses()
    _words()
    op.create_table(
        "address_serials",
        sa.Column("division", CODE, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("division", "type", name=op.f("pk_address_serials")),
    )
    op.create_table(
        "address_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("address", CODE, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=text("now()"), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("before", postgresql.JSONB()),
        sa.Column("after", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
    )
    op.create_index("ix_address_changes_address", "address_changes", ["address", "id"])
    op.execute(
        "CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON address_changes"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    _crossings()


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", CODE, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("alias", sa.ARRAY(sa.String()), server_default=text("'{}'"), nullable=False),
        sa.Column("former", sa.ARRAY(sa.String()), server_default=text("'{}'"), nullable=False),
        sa.Column("parent", CODE),
        sa.Column("division", CODE, nullable=False),
        sa.Column("cell", CODE),
        sa.Column("street", CODE),
        sa.Column("number", sa.Integer()),
        sa.Column("sub", sa.String(), server_default="", nullable=False),
        sa.Column("unit", sa.String(), server_default="", nullable=False),
        sa.Column("side", sa.SmallInteger()),
        sa.Column("category", sa.String(), server_default="", nullable=False),
        sa.Column("geom", geometry("GEOMETRY"), nullable=False),
        sa.Column("point", geometry("POINT"), nullable=False),
        sa.Column("source", sa.String(), server_default="surveyed", nullable=False),
        sa.Column("begun_on", sa.Date(), server_default=text("current_date"), nullable=False),
        sa.Column("changed_on", sa.Date()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("state", sa.String(), server_default="in_use", nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default=text("1"), nullable=False),
        sa.Column("import_id", sa.Integer()),
        sa.CheckConstraint(
            "type IN ('region','tract','block','street','plate','poi')",
            name=op.f("ck_addresses_type_known"),
        ),
        sa.CheckConstraint(
            "state IN ('in_use','planned','ended')", name=op.f("ck_addresses_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_on IS NOT NULL)",
            name=op.f("ck_addresses_ended_when_it_ends"),
        ),
        sa.CheckConstraint(
            "type <> 'plate' OR number IS NOT NULL", name=op.f("ck_addresses_plate_numbered")
        ),
        sa.CheckConstraint("ST_IsValid(geom)", name=op.f("ck_addresses_geom_valid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.ForeignKeyConstraint(
            ["street"], ["addresses.id"], name=op.f("fk_addresses_street_addresses")
        ),
    )
    for name, column, kind in (
        ("ix_addresses_plate_point", "point", "plate"),
        ("ix_addresses_poi_point", "point", "poi"),
        ("ix_addresses_street_geom", "geom", "street"),
    ):
        op.create_index(
            name,
            "addresses",
            [column],
            postgresql_using="gist",
            postgresql_where=text(IN_USE.format(kind)),
        )
    op.create_index(
        "ix_addresses_street_number",
        "addresses",
        ["street", "number"],
        postgresql_where=text(IN_USE.format("plate")),
    )
    op.create_index("ix_addresses_import_id", "addresses", ["import_id"])


def _words() -> None:
    op.create_table(
        "address_words",
        sa.Column("address", CODE, nullable=False),
        sa.Column("word", CODE, nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("pinyin", CODE, nullable=False),
        sa.Column("initials", CODE, nullable=False),
        sa.CheckConstraint(
            "how IN ('name','alias','former')", name=op.f("ck_address_words_how_known")
        ),
        sa.PrimaryKeyConstraint("address", "word", name=op.f("pk_address_words")),
        sa.ForeignKeyConstraint(
            ["address"],
            ["addresses.id"],
            name=op.f("fk_address_words_address_addresses"),
            ondelete="CASCADE",
        ),
    )
    for column in ("word", "pinyin", "initials"):
        op.create_index(f"ix_address_words_{column}", "address_words", [column])
    op.create_index(
        "ix_address_words_alike",
        "address_words",
        ["word"],
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )


def _crossings() -> None:
    op.create_table(
        "crossings",
        sa.Column("one", CODE, nullable=False),
        sa.Column("other", CODE, nullable=False),
        sa.Column("nth", sa.SmallInteger(), nullable=False),
        sa.Column("point", geometry("POINT"), nullable=False),
        sa.PrimaryKeyConstraint("one", "other", "nth", name=op.f("pk_crossings")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["addresses.id"],
                name=op.f(f"fk_crossings_{column}_addresses"),
                ondelete="CASCADE",
            )
            for column in ("one", "other")
        ),
    )
    op.create_index("ix_crossings_point", "crossings", ["point"], postgresql_using="gist")
    op.create_index("ix_crossings_other", "crossings", ["other"])


def downgrade() -> None:
    """Take them away again."""
    for table in ("crossings", "address_changes", "address_serials", "address_words", "addresses"):
        op.drop_table(table)
    op.execute("DROP FUNCTION door_name")
