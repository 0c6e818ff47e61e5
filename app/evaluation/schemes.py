"""The schemes the standard comes with, built from its tables."""

from typing import Any

from grid_codes.tables import read_table


def department_scheme() -> dict[str, Any]:
    """Return the default scheme for departments (GB/T 30428.4: 10 + 30 + 30 + 30 %)."""
    names = {row["code"]: row["name"] for row in read_table("indicators")}
    rate = {
        "s_archive_dept": ("archive_num", "archive_need_num", False),
        "s_dispose_intime": ("dispose_intime_num", "dispose_need_num", False),
        "s_rework": ("rework_num", "dispose_need_num", True),
    }
    first = {
        "code": "s_inst_dept",
        "name": names["s_inst_dept"],
        "weight": 0.10,
        "value": "inst_num",
        "brackets": _brackets("department_cases"),
    }
    others = [
        {"code": c, "name": names[c], "weight": 0.30, "value": v, "over": o, "inverse": i}
        for c, (v, o, i) in rate.items()
    ]
    return {
        "code": "GBT30428.4-department",
        "name": "GB/T 30428.4 部门评价",
        "parts": [first, *others],
        "grades": _grades(),
    }


def _brackets(name: str) -> list[dict[str, Any]]:
    return [
        {
            "low": int(row["low"]),
            "high": int(row["high"]) if row["high"] else None,
            "score": int(row["score"]),
        }
        for row in read_table("score_brackets")
        if row["bracket"] == name
    ]


def _grades() -> list[dict[str, Any]]:
    return [
        {"grade": row["grade"], "low": float(row["low"]), "colour": row["colour"]}
        for row in read_table("score_grades")
    ]
