"""Addresses and place names."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make what this capability needs."""


def downgrade() -> None:
    """Take it away again."""
