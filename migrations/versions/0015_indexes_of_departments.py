"""Lists of a department out of a million open cases; a new case is in no index it has no value for."""

from alembic import op

revision = "0015"
down_revision = "0014"

PARTIAL = {
    "ix_cases_department": ("department, id", "department IS NOT NULL"),
    "ix_cases_filed_at": ("filed_at, department", "filed_at IS NOT NULL"),
    "ix_cases_close_due_at": ("close_due_at, department", "close_due_at IS NOT NULL"),
}


def upgrade() -> None:
    """Make three indexes partial, and one for a department's open cases."""
    for name, (columns, where) in PARTIAL.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name} ON cases ({columns}) WHERE {where}")
    op.execute(
        "CREATE INDEX ix_cases_open_department ON cases (department, state, id)"
        " WHERE closed_at IS NULL AND department IS NOT NULL"
    )


def downgrade() -> None:
    """Put the former indexes back."""
    op.execute("DROP INDEX ix_cases_open_department")
    for name, (columns, _) in PARTIAL.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name} ON cases ({columns})")
