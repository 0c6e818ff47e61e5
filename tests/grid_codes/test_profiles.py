"""Codes are put together and taken apart by the rules of their profile."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid_codes.faults import CodeFault, UnknownProfile
from grid_codes.profiles import (
    DEFAULT_PROFILE,
    PROFILES,
    cell_code,
    kind_of,
    part_code,
    profile,
    split_cell,
    split_kind,
    split_part,
)

CJT, GBT, NEW = PROFILES
any_profile = st.sampled_from(PROFILES)


def digits(length):
    return st.text("0123456789", min_size=length, max_size=length)


def test_the_customers_standard_is_the_default():
    assert profile(DEFAULT_PROFILE) is CJT


def test_a_profile_that_is_not_shipped_is_refused_with_the_names_to_choose_from():
    with pytest.raises(UnknownProfile, match=r"CJT214-2007, GBT30428\.2-2013, GBT47678\.5-2026"):
        profile("CJT214-2005")


@pytest.mark.parametrize(
    ("rules", "cell", "part", "kind"),
    [(CJT, 14, 16, 4), (GBT, 15, 16, 4), (NEW, 15, 17, 5)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_each_profile_has_the_lengths_of_its_standard(rules, cell, part, kind):
    lengths = (rules.cell_lengths, rules.part_lengths, rules.kind_lengths)
    assert tuple(map(sum, lengths)) == (cell, part, kind)


@settings(deadline=None)
@given(rules=any_profile, community=digits(12), data=st.data())
def test_a_cell_code_comes_apart_as_it_was_put_together(rules, community, data):
    sequence = data.draw(st.integers(1, 10 ** rules.cell_lengths[-1] - 1))
    sections = split_cell(rules, cell_code(rules, community, sequence))
    assert (sections.community, int(sections.sequence)) == (community, sequence)
    assert (sections.county, sections.street) == (community[:6], community[:9])


@settings(deadline=None)
@given(rules=any_profile, division=digits(6), serial=st.integers(1, 999_999), data=st.data())
def test_a_part_code_comes_apart_as_it_was_put_together(rules, division, serial, data):
    kind = data.draw(digits(sum(rules.kind_lengths)))
    code = part_code(rules, division, kind, serial)
    sections = split_part(rules, code)
    assert (sections.division, int(sections.serial)) == (division, serial)
    assert sections.big + sections.small == kind_of(rules, code) == kind


def test_the_2026_cell_code_may_hold_capital_letters():
    assert split_cell(NEW, "3715020010010A7").sequence == "0A7"


@pytest.mark.parametrize("kind", ["2101", "0199", "0198"])
def test_local_extension_kinds_are_accepted(kind):
    assert kind_of(GBT, part_code(GBT, "371502", kind, 1)) == kind


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (CJT, ""),
        (CJT, "3715020010010"),
        (CJT, "371502001001001"),
        (CJT, "3715020010010A"),
        (CJT, "37150200100101\n"),
        (CJT, "3715020010０1０1"),
        (GBT, "37150200100101"),
        (NEW, "3715020010010a7"),
        (NEW, "3715020010010 7"),
    ],
)
def test_a_wrong_cell_code_is_refused(rules, code):
    with pytest.raises(CodeFault, match="The cell code") as refusal:
        split_cell(rules, code)
    assert refusal.value.facts["length"] == sum(rules.cell_lengths)


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (CJT, "371502010100001"),
        (CJT, "37150201010000011"),
        (CJT, "37150201010000O1"),
        (GBT, "²715020101000001"),
        (NEW, "3715020100100001"),
    ],
)
def test_a_wrong_part_code_is_refused(rules, code):
    with pytest.raises(CodeFault, match="The part code"):
        split_part(rules, code)


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: cell_code(CJT, "371502001001", 0), "cannot have a cell number 0"),
        (lambda: cell_code(CJT, "371502001001", 100), "counts from 1 to 99"),
        (lambda: cell_code(GBT, "371502001001", 1000), "counts from 1 to 999"),
        (lambda: cell_code(CJT, "371502001", 1), "The cell code 37150200101 is wrong"),
        (lambda: part_code(CJT, "371502", "0101", 0), "cannot have a part number 0"),
        (lambda: part_code(CJT, "371502", "0101", 1_000_000), "counts from 1 to 999999"),
        (lambda: part_code(CJT, "371502", "01001", 1), "The kind code 01001 is wrong"),
        (lambda: part_code(CJT, "3715", "0101", 1), "The part code 37150101000001 is wrong"),
        (lambda: split_kind(NEW, "0101"), "asks for 5 digits"),
    ],
)
def test_a_code_that_cannot_be_is_not_built(build, sentence):
    with pytest.raises(CodeFault, match=sentence):
        build()


def test_a_refusal_keeps_its_sentence_untranslated_and_its_facts_apart():
    with pytest.raises(CodeFault) as refusal:
        split_kind(CJT, "x")
    assert refusal.value.message % refusal.value.facts == str(refusal.value)
    assert "%(code)s" in refusal.value.message
