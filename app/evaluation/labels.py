"""What indicators are called in the reader's language, and which ones a scheme reads."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from app.evaluation.formula import indicators, parse
from app.kernel.errors import sentence
from app.kernel.i18n import locale, translate
from grid_codes.tables import read_table

CORE = (
    "inst_num",
    "dispose_need_num",
    "dispose_num",
    "dispose_intime_num",
    "archive_need_num",
    "archive_num",
    "archive_intime_num",
    "rework_num",
)
"""What is shown of departments whatever their scheme reads."""

EXTRA = {
    "cell_num": sentence("Cells"),
    "area_class": sentence("Class of the area"),
    "part_num": sentence("Parts kept"),
    "rework_case_num": sentence("Cases reworked"),
    "rework_thrice_num": sentence("Cases reworked three times or more"),
    "beat_cell_num": sentence("Cells of the beats, each day"),
    "walked_cell_num": sentence("Cells walked, each day"),
    "false_report_num": sentence("False reports"),
    "urgent_archive_num": sentence("Urgent cases closed"),
    "urgent_archive_intime_num": sentence("Urgent cases closed in time"),
    "satisfaction": sentence("Satisfaction of callers"),
    "media": sentence("Exposures in the media"),
    "leader_mark": sentence("Marks of leaders"),
    "questionnaire": sentence("Public questionnaire"),
}
"""Facts beside the standard's basic indicators, and their names."""


@cache
def basic() -> Mapping[str, tuple[str, str]]:
    """Return the standard's basic indicators with their names in Chinese and English."""
    rows = (row for row in read_table("indicators") if row["type"] == "basic")
    return {row["code"]: (row["name"], row["name_en"]) for row in rows}


def known() -> set[str]:
    """Return everything that a formula may read."""
    return {*basic(), *EXTRA}


def labels(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of ``codes`` in the reader's language; what nobody knows is left out."""
    place = 1 if locale() == "en" else 0
    return {
        code: basic()[code][place] if code in basic() else translate(EXTRA[code])
        for code in codes
        if code in basic() or code in EXTRA
    }


def scheme_indicators(document: Mapping[str, Any]) -> list[str]:
    """Return the indicators that a scheme reads, in the order it reads them."""
    terms = [*document["parts"], *document.get("deductions", ())]
    found = (name for term in terms for name in indicators(parse(term["formula"])))
    return list(dict.fromkeys(found))
