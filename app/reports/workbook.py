"""A ranking as a workbook: indicators as numbers, parts, scores and ranks as formulas over them."""

import re
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from app.kernel.i18n import translate as _

PLAIN = re.compile(r"[a-z_0-9 .+\-*/()]+")
NAME = re.compile(r"[a-z][a-z_0-9]*")
SIGNS = str.maketrans({"÷": "/", "×": "*", "−": "-", "，": ","})
Row = dict[str, Any]


def write(path: Path, ranking: Row) -> None:
    """Write two sheets: what was counted, and the scores computed from it in the sheet itself."""
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        look = {
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
            "text": book.add_format({"quote_prefix": True}),
            "two": book.add_format({"num_format": "0.00"}),
        }
        scores, counts = book.add_worksheet(_("Score")), book.add_worksheet(_("Indicators"))
        where = _counts(counts, ranking, look)
        _scores(scores, ranking, look, where, counts.get_name())


def safe(sheet: Any, line: int, column: int, value: str, look: Row) -> None:
    """Write a text that nobody's spreadsheet takes for a formula."""
    risky = value.startswith(("=", "+", "-", "@", "\t", "\r"))
    sheet.write_string(line, column, value, look["text"] if risky else None)


def _counts(sheet: Any, ranking: Row, look: Row) -> dict[str, int]:
    """Write the indicators and return in which column each stands."""
    names = ranking["indicator_names"]
    heads = [_("Object"), _("Name"), *names.values()]
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, look["head"])
    for line, row in enumerate(ranking["rows"], start=1):
        safe(sheet, line, 0, row["object"], look)
        safe(sheet, line, 1, row["name"], look)
        for column, code in enumerate(names, start=2):
            value = row["indicators"].get(code)
            if value is not None:
                sheet.write_number(line, column, value)
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 1, 18)
    return {code: column for column, code in enumerate(names, start=2)}


def _scores(sheet: Any, ranking: Row, look: Row, where: dict[str, int], other: str) -> None:
    """Write each part with its formula, its score and weight, then score and rank as formulas."""
    parts = ranking["rows"][0]["parts"] if ranking["rows"] else []
    heads = [_("Rank"), _("Object"), _("Group"), _("Score"), _("Grade"), _("Deductions")]
    for part in parts:
        heads += [part["name"], f"{part['name']} {_('Score')}", f"{part['name']} {_('Weight')}"]
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, look["head"])
    last = len(ranking["rows"])
    for line, row in enumerate(ranking["rows"], start=1):
        _line(sheet, line, row, look, last)
        for n, part in enumerate(row["parts"]):
            _part(sheet, line, 6 + 3 * n, part, look, where, other)
    sheet.freeze_panes(1, 2)
    sheet.set_column(1, 1, 20)


def _line(sheet: Any, line: int, row: Row, look: Row, last: int) -> None:
    for column, value in ((1, row["name"]), (2, row["group"]), (4, row["grade"] or "—")):
        safe(sheet, line, column, value, look)
    taken = sum(one["points"] or 0 for one in row.get("deductions", ()))
    sheet.write_number(line, 5, taken, look["two"])
    if row["score"] is None:
        return
    sheet.write_formula(line, 3, _sum(line, row), look["two"], row["score"])
    mine = xl_rowcol_to_cell(line, 3)
    rank = f'=COUNTIFS($C$2:$C${last + 1},C{line + 1},$D$2:$D${last + 1},">"&{mine})+1'
    sheet.write_formula(line, 0, rank, None, row["rank"])


def _sum(line: int, row: Row) -> str:
    """Return the score as a formula: the parts' scores times weights over the known weights.

    Where caps or deductions make it something else, the score itself, which is no formula.
    """
    columns = [6 + 3 * n for n, part in enumerate(row["parts"]) if part["score"] is not None]
    known = [part for part in row["parts"] if part["score"] is not None]
    weight = sum(part["weight"] for part in known)
    simple = sum(part["score"] * part["weight"] for part in known) / weight if weight else None
    if simple is None or abs(simple - row["score"]) > 0.02:
        return f"={row['score']}"
    terms = "+".join(f"{_at(line, c + 1)}*{_at(line, c + 2)}" for c in columns)
    weights = "+".join(_at(line, c + 2) for c in columns)
    return f"=ROUND(({terms})/({weights}),2)"


def _at(line: int, column: int) -> str:
    return f"{xl_col_to_name(column)}{line + 1}"


def _part(
    sheet: Any, line: int, column: int, part: Row, look: Row, where: dict[str, int], other: str
) -> None:
    if part["weight"] is not None:
        sheet.write_number(line, column + 2, part["weight"])
    if part["score"] is not None:
        sheet.write_number(line, column + 1, part["score"], look["two"])
    if part["value"] is None:
        return
    formula = in_cells(part.get("formula", ""), where, line, other)
    if formula:
        sheet.write_formula(line, column, formula, None, part["value"])
    else:
        sheet.write_number(line, column, part["value"])


def in_cells(formula: str, where: dict[str, int], line: int, other: str) -> str:
    """Return ``formula`` over the cells of the sheet of counts, "" if it cannot be written so.

    >>> in_cells("a_num ÷ b_num", {"a_num": 2, "b_num": 3}, 1, "N")
    "='N'!C2 / 'N'!D2"
    """
    plain = formula.translate(SIGNS)
    names = set(NAME.findall(plain))
    if not names or not PLAIN.fullmatch(plain) or not names <= where.keys():
        return ""
    sheet = "'" + other.replace("'", "''") + "'"
    return "=" + NAME.sub(lambda m: f"{sheet}!{_at(line, where[m[0]])}", plain)
