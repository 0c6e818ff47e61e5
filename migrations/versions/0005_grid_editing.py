"""Grid editing, zones and beats."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make what this capability needs."""


def downgrade() -> None:
    """Take it away again."""
