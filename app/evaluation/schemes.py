"""The schemes a city starts with, built from the standard's tables (standards §7.3–7.5, §7.7)."""

from collections.abc import Mapping
from typing import Any

from grid_codes.tables import read_table

Document = dict[str, Any]
OBJECTS = ("department", "region", "inspector", "agent", "shift_leader", "dispatcher")
RATES: Mapping[str, str] = {
    "s_public_report": "public_confirmed_num / inst_num",
    "s_archive": "archive_num / archive_need_num",
    "s_archive_intime": "archive_intime_num / archive_need_num",
    "s_archive_dept": "archive_num / archive_need_num",
    "s_dispose_intime": "dispose_intime_num / dispose_need_num",
    "s_rework": "rework_num / dispose_need_num",
    "s_valid_report": "valid_report_num / report_num",
    "s_miss_report": "miss_report_num / inst_num",
    "s_confirm_intime": "confirm_intime_num / confirm_need_num",
    "s_verify_intime": "verify_intime_num / verify_need_num",
    "s_confirm_dispatch": "confirm_dispatch_intime_num / confirm_dispatch_need_num",
    "s_verify_dispatch": "verify_dispatch_intime_num / verify_need_num",
    "s_inst_intime": "inst_intime_num / inst_need_num",
    "s_accur_inst": "(inst_num - cancel_num) / inst_num",
    # The table says it in words only; these are the counts it gives to the shift leader.
    "s_closing_intime": "archive_intime_num / archive_need_num",
    "s_dispatch_intime": "dispatch_intime_num / dispatch_need_num",
    "s_accur_dispatch": "(dispatch_need_num - dispatch_wrong_num) / dispatch_need_num",
}
LOADS: Mapping[str, tuple[str, dict[str, str]]] = {
    "s_inst_region": ("inst_num / cell_num", {"1": "region_class1", "2": "region_class2"}),
    "s_inst_dept": ("inst_num", {"": "department_cases"}),
    "s_accept": ("accept_num", {"": "workload"}),
    "s_dispatch": ("dispatch_num", {"": "workload"}),
}
WORSE = {"s_public_report", "s_rework", "s_miss_report"}
"""Rates of which less is better."""

TERMS: Mapping[str, tuple[str, ...]] = {
    "department": ("s_inst_dept", "s_archive_dept", "s_dispose_intime", "s_rework"),
    "region": ("s_public_report", "s_inst_region", "s_archive", "s_archive_intime"),
    "inspector": ("s_valid_report", "s_miss_report", "s_confirm_intime", "s_verify_intime"),
    "agent": ("s_accept", "s_confirm_dispatch", "s_verify_dispatch"),
    "shift_leader": ("s_inst_intime", "s_accur_inst", "s_closing_intime"),
    "dispatcher": ("s_dispatch", "s_dispatch_intime", "s_accur_dispatch"),
}
TITLES = {
    "department": "部门评价",
    "region": "区域评价",
    "inspector": "监督员评价",
    "agent": "受理员评价",
    "shift_leader": "值班长评价",
    "dispatcher": "派遣员评价",
}


def department_scheme() -> Document:
    """Return the default scheme for departments (10 + 30 + 30 + 30 %)."""
    return standard("department")


def standard(object_type: str) -> Document:
    """Return the scheme of GB/T 30428.4 for one of ``OBJECTS``; its weights add up to one."""
    return {
        "code": f"GBT30428.4-{object_type.replace('_', '-')}",
        "name": f"GB/T 30428.4 {TITLES[object_type]}",
        "object": object_type,
        "parts": [_part(code) for code in TERMS[object_type]],
        "deductions": [],
        "grades": grades(),
        "groups": [],
    }


def _part(code: str) -> Document:
    row = next(row for row in read_table("indicators") if row["code"] == code)
    common = {"code": code, "name": row["name"], "weight": row["weight"]}
    if code in RATES:
        rule = "inverse" if code in WORSE else "rate"
        return {**common, "formula": RATES[code], "rule": rule}
    formula, tables = LOADS[code]
    found = {name: _brackets(table) for name, table in tables.items()}
    # A count is judged by a month's table, so the table grows with longer periods.
    return {**common, "formula": formula, "rule": "brackets", "tables": found, "scale": ["days"]}


def _brackets(name: str) -> list[Document]:
    return [
        {
            "low": int(row["low"]),
            "high": int(row["high"]) if row["high"] else None,
            "score": int(row["score"]),
        }
        for row in read_table("score_brackets")
        if row["bracket"] == name
    ]


def grades() -> list[Document]:
    """Return the grades of the standard, the best first."""
    return [
        {
            "grade": row["grade"],
            "low": int(row["low"]),
            "colour": row["colour"],
            "hex": row["colour_hex"],
        }
        for row in read_table("score_grades")
    ]


def _points(code: str, name: str, weight: str, formula: str, **more: Any) -> Document:
    part = {"code": code, "name": name, "weight": weight, "formula": formula, "rule": "rate"}
    return {**part, **more}


def county_scheme() -> Document:
    """Return the city variant that counts by thresholds and takes points off (§7.7, first).

    The twenty points that the source leaves open are a base (proposed).
    """
    on_time = "archive_intime_num / (archive_need_num - slow_num)"
    urgent = "min(urgent_archive_num / urgent_num, urgent_archive_intime_num / urgent_num + 0.05)"
    below = {"rule": "threshold", "each": "1"}
    return {
        "code": "city-thresholds",
        "name": "扣分制部门评价（按期结案率扣缓办）",
        "object": "department",
        "parts": [
            _points("archive_intime", "按期结案率（扣缓办）", "50", on_time, at="70", **below),
            _points("archive", "结案率", "20", RATES["s_archive"], at="90", **below),
            _points("urgent", "紧急案卷处置", "10", urgent, rule="threshold", at="100", each=None),
            _points("base", "基础分", "20", "100", rule="plain"),
        ],
        "deductions": [
            _off("rework", "返工", "rework_case_num - rework_thrice_num", "0.2"),
            _off("rework_thrice", "返工三次及以上", "rework_thrice_num", "0.5"),
            _off("false_report", "虚假反馈", "false_report_num", "1"),
            _off("shirk", "推诿", "shirk_num", "1"),
        ],
        "grades": grades(),
        "groups": [],
    }


def _off(code: str, name: str, formula: str, each: str) -> Document:
    return {"code": code, "name": name, "formula": formula, "each": each, "cap": None}


def points_scheme() -> Document:
    """Return the city variant of point sheets (§7.7, second): 70 + 5 + 5 + 10 + 10, and up to 5.

    Hotline is what callers say, special work what leaders mark: both come from outside.
    """
    rework = {"formula": RATES["s_rework"], "rule": "inverse"}
    return {
        "code": "city-points",
        "name": "积分制部门评价（常规70 返工5 热线5 专项10 基础10）",
        "object": "department",
        "parts": [
            _points("routine", "常规案卷", "70", RATES["s_dispose_intime"]),
            {**_points("rework", "返工", "5", ""), **rework},
            _points("hotline", "热线满意度", "5", "satisfaction", rule="plain"),
            _points("special", "专项工作", "10", "leader_mark", rule="plain"),
            _points("base", "基础工作", "10", "100", rule="plain"),
        ],
        "deductions": [_off("media", "媒体曝光", "media", "1") | {"cap": "5"}],
        "grades": grades(),
        "groups": [],
    }


def shipped() -> list[Document]:
    """Return every scheme a city starts with; the first of each object is its default."""
    return [*(standard(one) for one in OBJECTS), county_scheme(), points_scheme()]
