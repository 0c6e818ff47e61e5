"""What a part may be: its states, its fields, which shapes fit its kind. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.kernel.errors import Refused, sentence
from app.kernel.shapes import PLACE
from gis.faults import Reason

STATES: Mapping[str, str] = {
    "intact": sentence("intact"),
    "damaged": sentence("damaged"),
    "lost": sentence("lost"),
    "abandoned": sentence("abandoned"),
    "removed": sentence("removed"),
}
"""完好 破损 丢失 废弃 移除; a part is never deleted, it is removed."""

STATE_WORDS: Mapping[str, str] = {
    "完好": "intact", "正常": "intact", "良好": "intact", "good": "intact", "ok": "intact",
    "破损": "damaged", "损坏": "damaged", "poor": "damaged",
    "丢失": "lost", "缺失": "lost", "missing": "lost",
    "废弃": "abandoned", "移除": "removed", "拆除": "removed",
    **{state: state for state in STATES},
}  # fmt: skip
SOURCES: Mapping[str, str] = {
    "surveyed": sentence("surveyed on site"),
    "topographic": sentence("topographic map"),
    "base": sentence("base data"),
    "other": sentence("other source"),
    "imported": sentence("imported"),
}
SOURCE_WORDS: Mapping[str, str] = {
    "实测": "surveyed", "地形图": "topographic", "基础地理数据": "base", "其他": "other",
    **{source: source for source in SOURCES},
}  # fmt: skip
ACTIONS: Mapping[str, str] = {
    "add": sentence("added"),
    "edit": sentence("changed"),
    "photo": sentence("photo added"),
    "import": sentence("changed by an import"),
    "undo": sentence("an import was undone"),
    "survey": sentence("changed by a survey"),
}
GEOMETRIES: Mapping[str, str] = {
    "point": sentence("point"),
    "line": sentence("line"),
    "polygon": sentence("polygon"),
}
ACCURACY: Mapping[str, float] = {"A": 0.5, "B": 1.0, "C": 10.0}
"""Metres of mean error that a position of the class may have (GB/T 30428.2)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the record: its label, the standard's name, its length, and its usual names."""

    name: str
    label: str
    standard: str
    most: int
    usual: tuple[str, ...]


FIELDS: tuple[Field, ...] = (
    Field("code", sentence("Part code"), "ObjID", 17, ("ObjID", "标识码", "部件标识码", "GLBJBSM")),
    Field("external_id", sentence("Own number"), "ExtID", 60,
          ("ExtID", "external_id", "外部编号", "编号", "资产编号", "FACILITYID", "UNITID", "id")),
    Field("name", sentence("Name"), "ObjName", 30,
          ("ObjName", "名称", "部件名称", "GLBJMC", "name")),
    Field("owner", sentence("In charge"), "DeptCode1", 100,
          ("DeptCode1", "主管部门代码", "ZGBMDM", "DeptName1", "主管部门", "主管部门名称")),
    Field("title_code", sentence("Title holder's code"), "DeptCode2", 18,
          ("DeptCode2", "权属单位代码", "QSDWDM")),
    Field("title_name", sentence("Title holder"), "DeptName2", 100,
          ("DeptName2", "权属单位", "权属单位名称", "QSDWMC")),
    Field("upkeep_code", sentence("Upkeep's code"), "DeptCode3", 18,
          ("DeptCode3", "养护单位代码", "YHDWDM")),
    Field("upkeep_name", sentence("Upkeep"), "DeptName3", 100,
          ("DeptName3", "养护单位", "养护单位名称", "YHDWMC")),
    Field("state", sentence("State of the part"), "ObjState", 10,
          ("ObjState", "状态", "部件状态", "GLBJZT")),
    Field("begun_on", sentence("First recorded"), "ORDate", 10, ("ORDate", "初始日期", "CSRQ")),
    Field("changed_on", sentence("Last changed"), "CHDate", 10, ("CHDate", "变更日期", "BGRQ")),
    Field("source", sentence("Data source"), "DataSource", 30,
          ("DataSource", "数据来源", "SJLY")),
    Field("note", sentence("Note"), "Note", 1000, ("Note", "备注", "BZ")),
)  # fmt: skip
BY_NAME: Mapping[str, Field] = {f.name: f for f in FIELDS}
EDITABLE = tuple(f.name for f in FIELDS if f.name not in {"code", "changed_on"})

NO_STATE = sentence("“%(value)s” is no state of a part. Known are 完好 破损 丢失 废弃 移除.")
NO_DATE = sentence("“%(value)s” is no date. Write it like 20200131 or 2020-01-31.")
TOO_LONG = sentence("“%(value)s” is longer than %(most)s characters.")


def parsed(name: str, value: str) -> str | Reason:
    """Return the text of a field as it is stored, or the reason why it cannot be.

    >>> parsed("state", "破损"), parsed("begun_on", "20200131")
    ('damaged', '2020-01-31')
    """
    if name == "state":
        return STATE_WORDS.get(value.lower()) or Reason(NO_STATE, {"value": value[:40]})
    if name in {"begun_on", "changed_on"}:
        return _day(value)
    if name == "source" and value in SOURCE_WORDS:
        return SOURCE_WORDS[value]
    most = BY_NAME[name].most
    return value if len(value) <= most else Reason(TOO_LONG, {"value": value[:20], "most": most})


def _day(value: str) -> str | Reason:
    plain = value.strip()[:10].replace("/", "-").replace(".", "-")
    for form in ("%Y%m%d", "%Y-%m-%d"):
        try:
            found: date = datetime.strptime(plain if "-" in plain else plain[:8], form).date()  # noqa: DTZ007
        except ValueError:
            continue
        if 1900 <= found.year <= 2100:
            return found.isoformat()
    return Reason(NO_DATE, {"value": value[:40]})


def proposed(columns: Iterable[str]) -> dict[str, str]:
    """Return which of our fields the columns of a file are, by their usual names.

    >>> proposed(["经度", "纬度", "部件名称", "x"])
    {'lon': '经度', 'lat': '纬度', 'name': '部件名称'}
    """
    known = {column.lower(): column for column in columns}
    wanted = {**PLACE, **{f.name: (f.standard, *f.usual) for f in FIELDS}}
    found: dict[str, str] = {}
    for name, usual in wanted.items():
        column = next((known[one.lower()] for one in usual if one.lower() in known), None)
        if column is not None and column not in found.values():
            found[name] = column
    return found


SHAPES: Mapping[str, frozenset[str]] = {
    "point": frozenset({"Point"}),
    "line": frozenset({"Point", "LineString", "MultiLineString"}),
    "polygon": frozenset({"Point", "Polygon", "MultiPolygon"}),
}
"""What a kind may be drawn as; a point stands for the position of a line or an area."""
UNFIT = sentence("A %(shape)s does not fit this kind: its parts are drawn as %(wanted)s.")
NAMES: Mapping[str, str] = {
    "Point": GEOMETRIES["point"],
    "MultiPoint": GEOMETRIES["point"],
    "LineString": GEOMETRIES["line"],
    "MultiLineString": GEOMETRIES["line"],
    "Polygon": GEOMETRIES["polygon"],
    "MultiPolygon": GEOMETRIES["polygon"],
}


def misfit(shape: str, geometry: str | None) -> Reason | None:
    """Return why a shape (``Point``, ``Polygon`` …) is none of a kind's ``geometry``, else None."""
    if not geometry or shape in SHAPES[geometry]:
        return None
    named = NAMES.get(shape, shape)
    return Reason(UNFIT, {"shape": named, "wanted": GEOMETRIES[geometry]})


def checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an edit as they are stored, or raise ``Refused`` naming the field."""
    found: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in EDITABLE:
            raise Refused(sentence("“%(field)s” cannot be changed."), field=name).about(name)
        told = "" if value is None else str(value).strip()
        result = parsed(name, told) if told else _blank(name)
        if isinstance(result, Reason):
            raise Refused(result.message, **result.facts).about(name)
        found[name] = result
    return found


def _blank(name: str) -> str | None:
    if name in {"name", "state", "begun_on", "source"}:
        raise Refused(sentence("“%(field)s” is missing."), field=BY_NAME[name].label).about(name)
    return None if name in {"owner", "external_id"} else ""
