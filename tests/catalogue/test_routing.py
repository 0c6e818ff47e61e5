"""Who handles what, where: the most specific kind, then the narrowest area."""

import pytest

from app.catalogue.routing import Route, route
from app.catalogue.rules import Handbook, Kind
from app.kernel.errors import Refused

TABLE = (
    Route("", "", "city"),
    Route("E", "3799", "events"),
    Route("E01", "", "cleaning"),
    Route("E0102", "379902", "east"),
    Route("C0103", "", "water"),
)


@pytest.mark.parametrize(
    ("kind", "cell", "department"),
    [
        ("E0102", "37990200100101", "east"),
        ("E0102", "37990100100101", "cleaning"),
        ("E0504", "37990100100101", "events"),
        ("E0504", "11010100100101", "city"),
        ("C0103", "37990100100101", "water"),
        ("C0402", "37990100100101", "city"),
    ],
)
def test_the_most_specific_row_wins(kind, cell, department):
    assert route(TABLE, kind, cell).department == department


def test_without_a_fitting_row_nobody_is_named():
    assert route(TABLE[1:], "C0402", "1") is None


def kind(kind_id):
    return Kind(kind_id, "", kind_id[1:], kind_id, kind_id, kind_id[1:3], "")


BOOK = Handbook({k: kind(k) for k in ("C0101", "E0101", "C0402", "E0504")}, {}, {}, (), {})


@pytest.mark.parametrize(
    ("given", "with_part", "meant"),
    [
        ("0101", False, "E0101"),
        ("0101", True, "C0101"),
        ("C0101", False, "C0101"),
        ("E0101", True, "E0101"),
        ("0402", False, "C0402"),
        ("0504", True, "E0504"),
    ],
)
def test_a_bare_code_means_an_event_unless_a_part_is_named(given, with_part, meant):
    assert BOOK.kind(given, with_part=with_part).id == meant


@pytest.mark.parametrize("given", ["", "9999", "X0101", "e0101"])
def test_an_unknown_kind_is_refused(given):
    with pytest.raises(Refused):
        BOOK.kind(given)
