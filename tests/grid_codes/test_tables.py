"""The shipped tables are complete and agree with each other."""

from collections import Counter

import pytest

from grid_codes.conditions import UNITS, conditions
from grid_codes.faults import UnknownProfile
from grid_codes.kinds import kinds
from grid_codes.profiles import PROFILES
from grid_codes.tables import TABLES, read_table

NAMES = [p.name for p in PROFILES]
CROSSWALK_COLUMNS = dict(zip(NAMES, ("code_cjt214", "code_gbt30428", "code_gbt47678"), strict=True))


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_and_says_how_sure_they_are(name):
    rows = read_table(name)
    assert rows
    assert None not in {value for row in rows for value in row.values()}
    sure = {row["basis"] for row in rows if "basis" in row}
    assert sure <= {"found", "inferred", "memory", "proposed"}


def test_an_unknown_table_is_a_key_error():
    with pytest.raises(KeyError, match="passwords"):
        read_table("passwords")


@pytest.mark.parametrize(
    ("name", "parts", "events"),
    [("CJT214-2007", 85, 54), ("GBT30428.2-2013", 121, 78), ("GBT47678.5-2026", 153, 97)],
)
def test_a_profile_has_as_many_kinds_as_its_standard(name, parts, events):
    assert Counter(k.family for k in kinds(name)) == {"part": parts, "event": events}


@pytest.mark.parametrize(
    ("name", "kind_id", "chinese"),
    [
        ("CJT214-2007", "C0101", "上水井盖"),
        ("CJT214-2007", "C0502", "人防工事"),
        ("CJT214-2007", "E0102", "暴露垃圾"),
        ("CJT214-2007", "E0599", "其他"),
        ("GBT47678.5-2026", "C01002", "污水井盖"),
    ],
)
def test_a_kind_is_known_by_its_letter_and_code(name, kind_id, chinese):
    found = {k.id: k.name for k in kinds(name)}
    assert chinese in found[kind_id]


@pytest.mark.parametrize("name", NAMES)
def test_no_two_kinds_share_an_id_and_every_name_is_in_two_languages(name):
    known = kinds(name)
    assert len({k.id for k in known}) == len(known)
    assert all(k.name and k.name_en and k.big_name and k.big_name_en for k in known)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_has_a_geometry_and_an_accuracy_class_and_no_event_has(name):
    marks = {(k.family, k.geometry, k.accuracy_class) for k in kinds(name)}
    parts = {(g, a) for family, g, a in marks if family == "part"}
    assert parts <= {(g, a) for g in ("point", "line", "polygon") for a in "ABC"}
    assert marks - {("part", g, a) for g, a in parts} == {("event", "", "")}


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_has_a_condition_and_every_condition_a_kind(name):
    assert {c.kind_id for c in conditions(name)} == {k.id for k in kinds(name)}


@pytest.mark.parametrize("name", NAMES)
def test_every_condition_has_a_text_a_limit_in_a_known_unit_and_an_end(name):
    for condition in conditions(name):
        assert condition.unit in UNITS
        assert condition.limit > 0
        assert condition.text
        assert condition.closing


@pytest.mark.parametrize("name", NAMES)
def test_the_conditions_of_a_kind_are_numbered_from_one(name):
    positions: dict[str, list[int]] = {}
    for condition in conditions(name):
        positions.setdefault(condition.kind_id, []).append(condition.position)
    assert all(p == list(range(1, len(p) + 1)) for p in positions.values())


@pytest.mark.parametrize(
    ("name", "kind_id", "limit", "unit"),
    [
        ("CJT214-2007", "C0101", 2, "uwh"),
        ("GBT30428.2-2013", "C0101", 2, "uwh"),
        ("GBT47678.5-2026", "C01001", 2, "uwh"),
    ],
)
def test_a_missing_cover_is_urgent_in_every_profile(name, kind_id, limit, unit):
    first = next(c for c in conditions(name) if c.kind_id == kind_id)
    assert (first.limit, first.unit, first.condition_class) == (limit, unit, "hazard")


def test_a_city_alternative_is_not_a_default():
    alternatives = [r for r in read_table("conditions") if r["is_default"] == "0"]
    defaults = {(c.text, c.limit, c.unit) for c in conditions("CJT214-2007")}
    taken = {
        (r["condition"], int(r["limit"]), r["unit"])
        for r in alternatives
        if r["profile"] == "CJT214-2007"
    }
    assert taken
    assert not taken & defaults


def test_an_unknown_profile_has_no_kinds_and_no_conditions():
    for ask in (kinds, conditions):
        with pytest.raises(UnknownProfile):
            ask("GB2000")


@pytest.mark.parametrize("name", NAMES)
def test_the_crosswalk_names_only_codes_that_exist(name):
    known = {(k.family, k.code) for k in kinds(name)}
    named = {
        (row["family"], code)
        for row in read_table("crosswalk")
        for code in row[CROSSWALK_COLUMNS[name]].split("|")
        if code
    }
    assert named
    assert named <= known


def test_the_terms_of_each_composite_score_weigh_one():
    rows = {row["code"]: row for row in read_table("indicators")}
    composites = [row for row in rows.values() if row["type"] == "composite"]
    assert len(composites) == 6
    for composite in composites:
        terms = [term.split("*") for term in composite["formula"].split(" + ")]
        assert sum(float(weight) for _, weight in terms) == pytest.approx(1)
        assert all(float(rows[code]["weight"]) == float(weight) for code, weight in terms)


def test_every_bracket_an_indicator_names_exists():
    brackets = {row["bracket"] for row in read_table("score_brackets")}
    rules = [row["score_rule"] for row in read_table("indicators")]
    named = {
        name
        for rule in rules
        if rule.startswith("brackets:")
        for name in rule.removeprefix("brackets:").split("|")
    }
    assert named == brackets
