"""Clocks and routing as data: grades, weeks, calendars of departments and posts, routes by time.

A tie in the routing table cannot be saved: rows of one kind and one area, narrowed in the same way
by days and hours, must not meet.  ``route_minutes`` gives the minutes of a day that a window covers, so that one
exclusion sees to it, windows over midnight included; a window that ends at 23:59 ends with the day.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0012"
down_revision = "0011"

MINUTES = """
CREATE FUNCTION route_minutes(begins time, ends time) RETURNS int4multirange
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN begins IS NULL THEN int4multirange(int4range(0, 1440))
                WHEN b < e THEN int4multirange(int4range(b, e))
                ELSE int4multirange(int4range(b, 1440), int4range(0, e)) END
    FROM (SELECT (extract(epoch FROM begins) / 60)::int AS b,
                 CASE WHEN ends >= '23:59' THEN 1440
                      ELSE (extract(epoch FROM ends) / 60)::int END AS e) x
$$
"""
NO_TIE = """
ALTER TABLE routes ADD CONSTRAINT ex_routes_tie EXCLUDE USING gist (
    kind WITH =, area WITH =,
    (2 * (days <> '')::int + (begins IS NOT NULL)::int) WITH =,
    int4range(CASE days WHEN 'off' THEN 1 ELSE 0 END,
              CASE days WHEN 'working' THEN 1 ELSE 2 END) WITH &&,
    route_minutes(begins, ends) WITH &&)
"""
HOURS = "(begins IS NULL) = (ends IS NULL) AND (begins IS NULL OR begins <> ends)"
FRESH = ("calendar_weeks", "calendar_assignments", "grade_shares", "beat_departments")


def upgrade() -> None:
    """Make the tables, widen the routes, and let administrators edit the handbook."""
    _calendars()
    _grades()
    _routes()
    for table in FRESH:
        op.execute(
            f"CREATE TRIGGER freshens AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue')"
        )
    op.execute(
        "INSERT INTO post_permissions (post, permission)"
        " SELECT code, 'handbook.edit' FROM posts WHERE code = 'admin' ON CONFLICT DO NOTHING"
    )


def _calendars() -> None:
    op.create_table(
        "calendar_weeks",
        sa.Column("calendar", sa.String(), sa.ForeignKey("calendars.name"), primary_key=True),
        sa.Column("effective_from", sa.Date(), primary_key=True),
        sa.Column("weekdays", sa.String(), nullable=False),
        sa.CheckConstraint("weekdays ~ '^1?2?3?4?5?6?7?$'", name="weekdays_known"),
    )
    op.create_table(
        "calendar_assignments",
        sa.Column("whose", sa.String(), primary_key=True),
        sa.Column("code", sa.String(), primary_key=True),
        sa.Column("effective_from", sa.Date(), primary_key=True),
        sa.Column("calendar", sa.String(), sa.ForeignKey("calendars.name")),
        sa.CheckConstraint("whose IN ('department','post')", name="whose_known"),
    )


def _grades() -> None:
    op.add_column(
        "conditions", sa.Column("replaces", sa.Integer(), sa.ForeignKey("conditions.id"))
    )
    shares = op.create_table(
        "grade_shares",
        sa.Column("grade", sa.String(), primary_key=True),
        sa.Column("effective_from", sa.Date(), primary_key=True),
        sa.Column("share", sa.Numeric(4, 2), nullable=False),
        sa.CheckConstraint("grade IN ('A','B','C')", name="grade_known"),
        sa.CheckConstraint("share > 0 AND share <= 10", name="share_sensible"),
    )
    op.execute(
        f"INSERT INTO {shares.name} (grade, effective_from, share) VALUES"
        " ('A', '2000-01-01', 0.75), ('B', '2000-01-01', 1), ('C', '2000-01-01', 1.5)"
    )


def _routes() -> None:
    op.execute(MINUTES)
    op.drop_constraint("pk_routes", "routes")
    op.add_column("routes", sa.Column("id", sa.Integer(), sa.Identity(), nullable=False))
    op.create_primary_key("pk_routes", "routes", ["id"])
    op.add_column(
        "routes", sa.Column("days", sa.String(), server_default=text("''"), nullable=False)
    )
    op.add_column("routes", sa.Column("begins", sa.Time()))
    op.add_column("routes", sa.Column("ends", sa.Time()))
    op.create_check_constraint("days_known", "routes", "days IN ('','working','off')")
    op.create_check_constraint("hours_whole", "routes", HOURS)
    op.execute(NO_TIE)
    op.create_table(
        "beat_departments",
        sa.Column(
            "beat_id",
            sa.Integer(),
            sa.ForeignKey("beats.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("kind", sa.String(), server_default=text("''"), primary_key=True),
        sa.Column("department", sa.String(), sa.ForeignKey("departments.code"), nullable=False),
    )


def downgrade() -> None:
    """Take it away again; of rows that differ in time only, one stays."""
    for table in FRESH:
        op.drop_table(table)
    op.drop_column("conditions", "replaces")
    op.execute("ALTER TABLE routes DROP CONSTRAINT ex_routes_tie")
    op.execute(
        "DELETE FROM routes r USING routes o"
        " WHERE (r.kind, r.area) = (o.kind, o.area) AND r.id > o.id"
    )
    op.drop_constraint("pk_routes", "routes")
    for name in ("id", "days", "begins", "ends"):
        op.drop_column("routes", name)
    op.create_primary_key("pk_routes", "routes", ["kind", "area"])
    op.execute("DROP FUNCTION route_minutes")
    op.execute("DELETE FROM post_permissions WHERE permission = 'handbook.edit'")
