"""Part surveys (普查)."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make what this capability needs."""


def downgrade() -> None:
    """Take it away again."""
