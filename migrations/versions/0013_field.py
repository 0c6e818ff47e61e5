"""Tasks to people in the field, where inspectors are, and what photos look like.

A photo gets two 64-bit hashes of how it looks.  ``hash_bands`` gives the four 16-bit bands of
one, each marked with its number; ``hash_probes`` gives those bands and all that differ from them
in one bit.  Two hashes that differ in at most seven bits share a band with at most one, so an
index over the bands finds every such pair among a million photos.
"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0013"
down_revision = "0012"
CODE = sa.String(collation="C")
AT = sa.DateTime(timezone=True)
FUNCTIONS = """
CREATE FUNCTION hash_bands(hash bigint) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT ARRAY[(hash & 65535)::integer, 65536 + ((hash >> 16) & 65535)::integer,
                 131072 + ((hash >> 32) & 65535)::integer, 196608 + ((hash >> 48) & 65535)::integer]
$$;
CREATE FUNCTION hash_probes(hash bigint) RETURNS integer[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(band # flip) FROM unnest(hash_bands(hash)) band,
        (SELECT 0 AS flip UNION ALL SELECT 1 << n FROM generate_series(0, 15) n) flips
$$;
CREATE FUNCTION hash_distance(one bigint, other bigint) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT bit_count((one # other)::bit(64))::integer
$$
"""
# Whoever is out for a case when this comes gets a task that says so.
OUT_NOW = """
INSERT INTO tasks (case_id, purpose, person_id, cell, place, given_by, given_at, due_at, way)
SELECT c.id, CASE c.state WHEN 'confirming' THEN 'confirm' ELSE 'verify' END, c.inspector_id,
       c.cell, c.place, s.actor_id, s.at, coalesce(c.due_at, s.at), 'by hand'
FROM cases c JOIN case_steps s ON s.case_id = c.id AND s.position = c.steps
JOIN people p ON p.id = c.inspector_id
WHERE c.state IN ('confirming', 'verifying') AND c.closed_at IS NULL AND c.cell IS NOT NULL
"""
PERMISSIONS = {
    "inspector": ("task.read", "task.answer", "patrol.send"),
    "shift_leader": ("task.read", "task.give", "task.oversee", "patrol.read"),
    "dispatcher": ("task.read", "task.give", "task.oversee"),
    "evaluator": ("task.read", "task.oversee", "patrol.read"),
}


def _point(name, nullable=False):
    kind = geoalchemy2.Geometry("POINT", srid=4490, spatial_index=False)
    return sa.Column(name, kind, nullable=nullable)


def upgrade() -> None:
    """Make the tables, what photos are compared by, and the new permissions."""
    op.execute(FUNCTIONS)
    _positions()
    _tasks()
    _photos()
    op.execute(OUT_NOW)
    for post, permissions in PERMISSIONS.items():
        for permission in permissions:
            op.execute(
                "INSERT INTO post_permissions (post, permission)"
                f" SELECT code, '{permission}' FROM posts WHERE code = '{post}'"
                " ON CONFLICT DO NOTHING"
            )


def _positions() -> None:
    for table, key in (("track_points", ("person_id", "at")), ("last_positions", ("person_id",))):
        op.create_table(
            table,
            sa.Column("person_id", sa.Integer(), nullable=False),
            sa.Column("at", AT, nullable=False),
            _point("place"),
            sa.Column("accuracy_m", sa.Float(), nullable=False),
            sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
            sa.ForeignKeyConstraint(
                ["person_id"], ["people.id"], name=op.f(f"fk_{table}_person_id_people")
            ),
        )


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("uid", sa.Uuid(), server_default=text("gen_random_uuid()"), nullable=False),
        sa.Column("case_id", sa.BigInteger()),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("cell", CODE, nullable=False),
        _point("place"),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=False),
        sa.Column("given_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("metres", sa.Float()),
        sa.Column("pool", sa.ARRAY(sa.Integer()), server_default=text("'{}'"), nullable=False),
        sa.Column("seed", sa.String()),
        sa.Column("former_id", sa.BigInteger()),
        sa.Column("escalated_at", AT),
        sa.Column("answered_at", AT),
        sa.Column("answer", sa.dialects.postgresql.JSONB()),
        sa.Column("outcome", sa.String()),
        sa.Column("ended_at", AT),
        sa.CheckConstraint(
            "purpose IN ('confirm','verify','survey','urgent')", name=op.f("ck_tasks_purpose_known")
        ),
        sa.CheckConstraint(
            "way IN ('beat','nearest','drawn','by hand')", name=op.f("ck_tasks_way_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('answered','passed','failed','withdrawn','reassigned')",
            name=op.f("ck_tasks_outcome_known"),
        ),
        sa.CheckConstraint(
            "(way = 'drawn') = (seed IS NOT NULL AND person_id = ANY(pool))",
            name=op.f("ck_tasks_draw_recorded"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_tasks_ended_with_an_outcome")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("uid", name=op.f("uq_tasks_uid")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_tasks_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_tasks_person_id_people")
        ),
        sa.ForeignKeyConstraint(["former_id"], ["tasks.id"], name=op.f("fk_tasks_former_id_tasks")),
    )
    _task_indexes()


def _task_indexes() -> None:
    where = {
        "uq_tasks_open_case": (
            ["case_id"],
            "ended_at IS NULL AND purpose IN ('confirm','verify')",
        ),
        "ix_tasks_open_person_id": (["person_id", "id"], "ended_at IS NULL"),
        "ix_tasks_open_due_at": (["due_at"], "ended_at IS NULL AND escalated_at IS NULL"),
        "ix_tasks_escalated": (["id"], "ended_at IS NULL AND escalated_at IS NOT NULL"),
        "ix_tasks_case_id": (["case_id"], "case_id IS NOT NULL"),
        "ix_tasks_verified": (["answered_at"], "purpose = 'verify' AND answered_at IS NOT NULL"),
    }
    for name, (columns, condition) in where.items():
        op.create_index(
            name,
            "tasks",
            columns,
            unique=name.startswith("uq_"),
            postgresql_where=text(condition),
        )
    op.create_index("ix_tasks_person_id", "tasks", ["person_id", "id"])


def _photos() -> None:
    op.add_column("photos", sa.Column("look", sa.BigInteger()))
    op.add_column("photos", sa.Column("edges", sa.BigInteger()))
    op.add_column("photos", _point("device_place", nullable=True))
    op.add_column("photos", sa.Column("device_accuracy_m", sa.Float()))
    op.create_index(
        "ix_photos_look",
        "photos",
        [text("hash_bands(look)")],
        postgresql_using="gin",
        postgresql_where=text("look IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_photos_look", "photos")
    for column in ("device_accuracy_m", "device_place", "edges", "look"):
        op.drop_column("photos", column)
    for table in ("tasks", "last_positions", "track_points"):
        op.drop_table(table)
    op.execute("DROP FUNCTION hash_distance; DROP FUNCTION hash_probes; DROP FUNCTION hash_bands")
