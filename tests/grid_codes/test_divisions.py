"""The division tree can be read off the codes."""

import pytest

from grid_codes.divisions import Level, level_of, lineage, parent_of
from grid_codes.faults import CodeFault


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("37", Level.PROVINCE, None),
        ("3715", Level.CITY, "37"),
        ("371502", Level.DISTRICT, "3715"),
        ("371502001", Level.STREET, "371502"),
        ("371502001003", Level.COMMUNITY, "371502001"),
    ],
)
def test_the_length_of_a_code_tells_level_and_parent(code, level, parent):
    assert (level_of(code), parent_of(code)) == (level, parent)


def test_a_lineage_begins_with_the_province_and_ends_with_the_code():
    assert lineage("371502001") == ("37", "3715", "371502", "371502001")


@pytest.mark.parametrize("code", ["", "3", "37150", "3715020", "37150A", "３７", "371502001003 "])
@pytest.mark.parametrize("ask", [level_of, parent_of, lineage])
def test_a_code_of_no_level_is_refused(ask, code):
    with pytest.raises(CodeFault, match="write 2, 4, 6, 9 or 12 digits"):
        ask(code)
