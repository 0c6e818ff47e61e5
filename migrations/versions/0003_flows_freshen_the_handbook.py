"""Publishing a flow raises the handbook's version, so that nobody need ask for the newest one."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the trigger."""
    op.execute(
        "CREATE TRIGGER freshens AFTER INSERT ON flows"
        " FOR EACH STATEMENT EXECUTE FUNCTION freshen('catalogue')"
    )


def downgrade() -> None:
    """Remove the trigger."""
    op.execute("DROP TRIGGER freshens ON flows")
