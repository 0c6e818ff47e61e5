"""The whole register of parts."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make what this capability needs."""


def downgrade() -> None:
    """Take it away again."""
