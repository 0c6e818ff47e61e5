"""Indexes as measurements asked for them (docs/guide/performance.md).

A list of open cases read every open case of its states, and the figures of the wall all of
them: their index now tells the kinds apart and carries what is counted.  A box is now asked
in the projection that the tiles use, so one pair of indexes serves both.  "Near a point" took
the index that begins with the kind, which costs the planner the same and the disk nine times
as much: that index is now over the centre of a part, so that only "of a kind" can use it.
"""

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Exchange three indexes."""
    op.drop_index("ix_cases_open_state", "cases")
    op.create_index(
        "ix_cases_open_state",
        "cases",
        ["state", "kind", "id"],
        postgresql_include=["department", "amber_at", "due_at"],
        postgresql_where=text("closed_at IS NULL"),
    )
    op.drop_index("ix_cases_place", "cases")
    op.create_index("ix_cases_place3857", "cases", ["place3857"], postgresql_using="gist")
    op.drop_index("ix_parts_kind_geom", "parts")
    op.create_index(
        "ix_parts_kind_centre",
        "parts",
        ["kind", text("ST_Centroid(geom)")],
        postgresql_using="gist",
    )
