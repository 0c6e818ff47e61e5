"""Writing the register of parts."""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.kernel import sql

RECOUNT = sql.read(Path(__file__).parent, "recount")
FINEST = 13
"""The nearest zoom that is drawn from counts; each coarser one is summed from it."""


def recount(sessions: sessionmaker[Session]) -> None:
    """Sum the parts for the tiles below zoom 14, in one transaction, and freshen the layer."""
    with sessions.begin() as session:
        session.execute(text("SET LOCAL statement_timeout = '10min'"))
        session.execute(text("DELETE FROM part_counts"))
        session.execute(text(RECOUNT), {"finest": FINEST})
        for z in range(FINEST - 1, -1, -1):
            session.execute(COARSER, {"z": z})
        session.execute(text("UPDATE versions SET n = n + 1 WHERE name = 'parts'"))


COARSER = text(
    "INSERT INTO part_counts (z, gx, gy, n, geom3857)"
    " SELECT :z, gx / 2, gy / 2, sum(n), ST_SetSRID(ST_MakePoint("
    "   sum(ST_X(geom3857) * n) / sum(n), sum(ST_Y(geom3857) * n) / sum(n)), 3857)"
    " FROM part_counts WHERE z = :z + 1 GROUP BY gx / 2, gy / 2"
)
