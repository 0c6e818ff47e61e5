"""Filing conditions (立案条件) with their limits, closing conditions and grades.

The table is numbered by GB/T 30428.2; a profile takes its own rows, and the default rows of
GB/T 30428.2 under the codes they are mapped to.  The limits are one city's, not the nation's.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from grid_codes.kinds import LETTERS
from grid_codes.profiles import profile
from grid_codes.tables import read_table

UNITS = ("uwh", "uwd", "wh", "wd", "nd")
NUMBERED_BY = "GBT30428.2-2013"
MAPPED_COLUMNS: Mapping[str, str] = {
    "CJT214-2007": "code_cjt214",
    "GBT47678.5-2026": "code_gbt47678",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the command handbook (指挥手册).

    ``unit`` is one of ``UNITS``: 紧急工作时, 紧急工作日, 工作时, 工作日, 自然日.
    ``area_grade`` ALL means no difference by grade; ``position`` counts from 1 inside the kind.
    """

    kind_id: str
    position: int
    text: str
    limit: int
    unit: str
    closing: str
    area_grade: str
    condition_class: str
    basis: str


@cache
def conditions(profile_name: str) -> tuple[Condition, ...]:
    """Return the default conditions of a profile by kind, or raise ``UnknownProfile``."""
    name = profile(profile_name).name
    found: list[Condition] = []
    positions: Counter[str] = Counter()
    for row in read_table("conditions"):
        for code in _codes(row, name):
            kind_id = LETTERS[row["family"]] + code
            positions[kind_id] += 1
            found.append(_condition(row, kind_id, positions[kind_id]))
    return tuple(sorted(found, key=lambda c: (c.kind_id, c.position)))


def _codes(row: Mapping[str, str], profile_name: str) -> list[str]:
    """Return the kind codes a row of the table stands for in a profile."""
    if row["is_default"] != "1":
        return []
    if row["profile"] == profile_name and row["is_local_ext"] == "0":
        return [row["code"]]
    if row["profile"] == NUMBERED_BY and profile_name in MAPPED_COLUMNS:
        return [code for code in row[MAPPED_COLUMNS[profile_name]].split("|") if code]
    return []


def _condition(row: Mapping[str, str], kind_id: str, position: int) -> Condition:
    return Condition(
        kind_id,
        position,
        row["condition"],
        int(row["limit"]),
        row["unit"],
        row["closing"],
        row["area_grade"],
        row["condition_class"],
        row["basis"],
    )
