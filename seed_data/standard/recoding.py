"""Cells under a code profile whose sequences are wider or narrower: same ground, another code.

The former cell ends, the new one begins, and the lineage tells that one came after the other: cases
and parts keep the code they had and are found by today's (ADR 0009, ADR 0014).
"""

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import sql
from app.kernel.errors import Refused, sentence
from grid_codes.profiles import Profile

HERE = Path(__file__).parent
RECODE, NUMBER = text(sql.read(HERE, "recode_cells")), text(sql.read(HERE, "number_cells"))
TOO_MANY = text(
    "SELECT community FROM recoded_cells WHERE length(code) > 12 + :width OR code IS NULL"
    " ORDER BY community LIMIT 1"
)
REVIVE = text(
    "UPDATE cells c SET ended_on = NULL, grade = o.grade, beat_id = o.beat_id"
    " FROM recoded_cells r JOIN cells o ON o.code = r.old WHERE c.code = r.code AND r.revived"
)
BEGIN = text(
    "INSERT INTO cells (code, community, area_m2, grade, beat_id, geom)"
    " SELECT r.code, o.community, o.area_m2, o.grade, o.beat_id, o.geom"
    " FROM recoded_cells r JOIN cells o ON o.code = r.old WHERE NOT r.revived"
)
END = text(
    "UPDATE cells c SET ended_on = greatest(current_date, c.begun_on)"
    " FROM recoded_cells r WHERE c.code = r.old"
)
CAME = text(
    "INSERT INTO cell_lineage (new, old) SELECT code, old FROM recoded_cells ON CONFLICT DO NOTHING"
)
PRESENT = (
    ("beat_cells", "cell"),
    ("zone_members", "member"),
    ("campaign_cells", "cell"),
    ("addresses", "cell"),
    ("people", "area"),
    ("routes", "area"),
)
"""Columns that name a cell as it is today; cases, parts and journals name the one of their day."""


def recode_cells(session: Session, old: Profile, new: Profile) -> int:
    """Give the cells in use codes of profile ``new``; return how many got one.

    Raises ``Refused`` if a community has more cells than the profile has numbers.
    """
    width = new.cell_lengths[-1]
    if width == old.cell_lengths[-1]:
        return 0
    told = {"width": width}
    session.execute(RECODE, told)
    session.execute(text("CREATE UNIQUE INDEX ON recoded_cells (old)"))
    session.execute(NUMBER, told)
    _refuse_too_many(session, width, new)
    for statement in (REVIVE, BEGIN, END, CAME):
        session.execute(statement)
    for table, column in PRESENT:
        session.execute(
            text(
                f"UPDATE {table} t SET {column} = r.code FROM recoded_cells r"
                f" WHERE t.{column} = r.old"
            )
        )
    counted: int = session.execute(text("SELECT count(*) FROM recoded_cells")).scalar_one()
    return counted


def _refuse_too_many(session: Session, width: int, new: Profile) -> None:
    full = session.execute(TOO_MANY, {"width": width}).scalar()
    if full is not None:
        raise Refused(
            sentence(
                "Community %(community)s has more cells than %(profile)s can number (%(most)s)."
                " Merge some first."
            ),
            community=full,
            profile=new.name,
            most=10**width - 1,
        )
