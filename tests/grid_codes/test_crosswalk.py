"""Kinds from one profile to another and back."""

from itertools import permutations

import pytest

from grid_codes.crosswalk import COLUMNS, counterparts, plan
from grid_codes.kinds import kinds
from grid_codes.profiles import profile, split_kind

WAYS = list(permutations(COLUMNS, 2))


def everything(name):
    return [(kind.id, kind.name) for kind in kinds(name)]


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_every_kind_becomes_one_that_the_other_profile_can_write(source, target):
    moves = plan(everything(source), source, target)
    assert {move.old for move in moves} == {kind.id for kind in kinds(source)}
    for move in moves:
        split_kind(profile(target), move.new[1:])
        assert move.new[0] == move.old[0]


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_extensions_take_no_code_of_the_standard_and_none_twice(source, target):
    moves = plan(everything(source), source, target)
    known = {kind.id for kind in kinds(target)}
    extensions = [move.new for move in moves if move.extension]
    assert len(set(extensions)) == len(extensions)
    assert not known & set(extensions)
    assert all(move.new in known for move in moves if not move.extension)


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_what_has_one_counterpart_each_way_comes_back_to_itself(source, target):
    for family in ("part", "event"):
        there, back = counterparts(family, source, target), counterparts(family, target, source)
        for old, new in there.items():
            for one in new:
                assert old in back[one]


def test_poles_of_the_oldest_standard_are_five_kinds_of_the_next():
    poles = next(
        m
        for m in plan(everything("CJT214-2007"), "CJT214-2007", "GBT30428.2-2013")
        if m.old == "C0117"
    )
    assert len((poles.new, *poles.others)) == 5


@pytest.mark.parametrize(
    ("target", "first"),
    [("CJT214-2007", "C2101"), ("GBT30428.2-2013", "99"), ("GBT47678.5-2026", "999")],
)
def test_extensions_are_counted_as_the_profile_counts_them(target, first):
    source = next(name for name in COLUMNS if name != target)
    [orphan] = [m for m in plan([("C9901", "自有部件")], source, target) if m.extension]
    assert orphan.new == first or orphan.new.endswith(first)
