"""The code tables that are shipped with the package, as rows of text.

``basis`` tells how sure a row is: found in public material, inferred from it, recalled from
memory, or proposed by this project.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

TABLES = (
    "conditions",
    "crosswalk",
    "events",
    "indicators",
    "part_fields",
    "parts",
    "score_brackets",
    "score_grades",
    "stage_limits",
)


@cache
def read_table(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of one of ``TABLES`` by column name; ``KeyError`` for any other name."""
    if name not in TABLES:
        raise KeyError(name)
    text = (files("grid_codes") / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
