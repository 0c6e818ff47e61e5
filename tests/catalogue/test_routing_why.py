"""Part, beat, table: who wins, why, how sure, and what a border or a tie does."""

from datetime import datetime, time

import pytest

from app.catalogue.routing import Asked, Beside, Route, require_no_tie, route, suggest
from app.kernel.errors import Conflict

TABLE = (
    Route("", "", "city"),
    Route("E01", "", "cleaning"),
    Route("E01", "", "night-shift", begins=time(20), ends=time(6)),
    Route("E01", "", "standby", days="off"),
    Route("E01", "", "standby-night", days="off", begins=time(20), ends=time(6)),
    Route("E0102", "379902", "east"),
    Route("E0102", "Z379901", "zone", members=("379902001",)),
)
MORNING, NIGHT = datetime(2026, 11, 23, 10), datetime(2026, 11, 23, 23)
WEST, EAST = "37990100100101", "37990200200101"


@pytest.mark.parametrize(
    ("kind", "cell", "at", "working", "department"),
    [
        ("E0102", WEST, MORNING, True, "cleaning"),
        ("E0102", WEST, NIGHT, True, "night-shift"),
        ("E0102", WEST, datetime(2026, 11, 23, 5, 59), True, "night-shift"),
        ("E0102", WEST, datetime(2026, 11, 23, 6), True, "cleaning"),
        ("E0102", WEST, MORNING, False, "standby"),
        ("E0102", WEST, NIGHT, False, "standby-night"),
        ("E0102", EAST, NIGHT, False, "east"),
        ("E0102", "37990200100101", NIGHT, True, "zone"),
        ("C0402", WEST, NIGHT, True, "city"),
    ],
)
def test_the_most_specific_row_of_the_moment_wins(kind, cell, at, working, department):
    assert route(TABLE, kind, cell, at, working).department == department


NEW = Route("E01", "", "new", id=99)


@pytest.mark.parametrize(
    ("new", "other"),
    [
        (NEW, "cleaning"),
        (Route("E01", "", "x", begins=time(5), ends=time(9)), "night-shift"),
        (Route("E01", "", "x", begins=time(22), ends=time(23, 59)), "night-shift"),
        (Route("E01", "", "x", days="off"), "standby"),
        (Route("E01", "", "x", days="working", begins=time(6), ends=time(20)), None),
        (Route("E01", "", "x", begins=time(6), ends=time(20)), None),
        (Route("E01", "", "x", days="working"), None),
        (Route("E01", "", "x", days="off", begins=time(5), ends=time(7)), "standby-night"),
        (Route("E011", "", "x"), None),
        (Route("E01", "379901", "x"), None),
    ],
)
def test_a_tie_is_refused_and_names_the_other_row(new, other):
    new = Route(new.kind, new.area, new.department, new.members, new.days, new.begins, new.ends, 99)
    if other is None:
        require_no_tie(TABLE, new)
        return
    with pytest.raises(Conflict) as refused:
        require_no_tie(TABLE, new)
    assert refused.value.facts["department"] == other


def test_a_row_may_replace_itself():
    row = Route("E09", "", "x", id=7)
    require_no_tie((row,), Route("E09", "", "y", id=7))


@pytest.mark.parametrize(
    ("bodies", "beat", "source", "department"),
    [
        ((("owner", "water"), ("upkeep", "crew")), "street", "part", "water"),
        ((("upkeep", "crew"),), "street", "part", "crew"),
        ((), "street", "beat", "street"),
        ((), None, "table", "cleaning"),
    ],
)
def test_the_part_comes_before_the_beat_before_the_table(bodies, beat, source, department):
    found = suggest(TABLE, Asked("E0102", WEST, MORNING, True, bodies, beat))
    assert (found.source, found.department) == (source, department)


def test_whoever_is_passed_over_is_named_once_with_the_reason():
    asked = Asked("E0102", WEST, NIGHT, True, (("owner", "water"),), "street")
    found = suggest(TABLE, asked)
    assert [one.department for one in found.passed] == ["street", "night-shift", "cleaning", "city"]
    assert all(one.why.facts["reason"] for one in found.passed)


def test_a_closer_rule_is_surer():
    sure = [
        suggest(TABLE, asked).sure
        for asked in (
            Asked("C0402", WEST, MORNING),
            Asked("E0102", WEST, MORNING),
            Asked("E0102", EAST, MORNING),
            Asked("E0102", EAST, MORNING, bodies=(("owner", "water"),)),
        )
    ]
    assert sure == sorted(sure)
    assert len(set(sure)) == 4


@pytest.mark.parametrize(("metres", "offered"), [(14.9, ["east"]), (15.1, [])])
def test_near_a_border_with_another_answer_both_are_offered(metres, offered):
    asked = Asked("E0102", WEST, MORNING, beside=(Beside(EAST, metres),))
    found = suggest(TABLE, asked)
    assert [one.department for one in found.border] == offered
    assert (found.sure < suggest(TABLE, Asked("E0102", WEST, MORNING)).sure) == bool(offered)


def test_a_border_with_the_same_answer_is_no_doubt():
    asked = Asked("C0402", WEST, MORNING, beside=(Beside(EAST, 1.0),))
    assert suggest(TABLE, asked).border == ()


def test_a_part_that_is_known_has_its_owner_on_either_side_of_a_border():
    near = (Beside(EAST, 1.0),)
    found = suggest(TABLE, Asked("E0102", WEST, MORNING, True, (("owner", "water"),), beside=near))
    assert found.border == ()


def test_where_nothing_fits_nobody_is_suggested():
    assert suggest(TABLE[1:], Asked("C0402", WEST, MORNING)) is None
