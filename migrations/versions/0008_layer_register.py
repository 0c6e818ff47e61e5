"""The register of layers."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make what this capability needs."""


def downgrade() -> None:
    """Take it away again."""
