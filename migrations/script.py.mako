"""${message}"""

import geoalchemy2
import sqlalchemy as sa
from alembic import op

${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Bring the tables to the new shape."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Bring the tables back to the former shape."""
    ${downgrades if downgrades else "pass"}
