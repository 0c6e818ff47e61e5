"""Each rule of the unit grid has a check that finds its breach, and only that."""

from dataclasses import replace
from datetime import date

import pytest
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import translate

from gis.check import SENTENCES, CellShape, FaultKind, check_cells
from grid_codes.profiles import profile

RULES = profile("CJT214-2007")
HOME, NEXT = "371502001001", "371502001002"
# Four cells of about 90 m by 111 m, two in each community.
SHAPES = [box(116 + i / 1000, 36.0, 116 + (i + 1) / 1000, 36.001) for i in range(4)]
CELLS = [
    CellShape(code, shape)
    for code, shape in zip(
        [HOME + "01", HOME + "02", NEXT + "01", NEXT + "02"], SHAPES, strict=True
    )
]
PARENTS = {HOME: box(116, 36, 116.002, 36.001), NEXT: box(116.002, 36, 116.004, 36.001)}
BOW_TIE = Polygon([(116, 36), (116.001, 36.001), (116.001, 36), (116, 36.001)])


def check(cells, parents=PARENTS, **more):
    return [(f.kind.value, f.code, f.detail) for f in check_cells(cells, parents, RULES, **more)]


def with_first(**changes):
    return [replace(CELLS[0], **changes), *CELLS[1:]]


def test_cells_that_follow_every_rule_have_no_fault():
    assert check(CELLS) == []


@pytest.mark.parametrize(
    ("cells", "faults"),
    [
        (with_first(code="3715020010010"), {("code", "3715020010010", "")}),
        (with_first(code="3715020010090１"), {("code", "3715020010090１", "")}),
        (with_first(code="37150200100901"), {("community", "37150200100901", "371502001009")}),
        (with_first(code=HOME + "02"), {("duplicate", HOME + "02", "2")}),
        (with_first(code=HOME + "04"), {("sequence", HOME, "1, 3")}),
        (with_first(ended_on=date(2026, 3, 1)), {("ended", HOME + "01", "2026-03-01")}),
        (with_first(polygon=BOW_TIE), {("invalid", HOME + "01", "Self-intersection")}),
        (with_first(polygon=Polygon()), {("invalid", HOME + "01", "Empty")}),
        (CELLS[1:], {("gap", HOME, ""), ("sequence", HOME, "1")}),
        (
            with_first(polygon=box(116, 36, 116.00101, 36.001)),
            {("overlap", HOME + "01", HOME + "02")},
        ),
        (
            with_first(polygon=box(115.99999, 36, 116.001, 36.001)),
            {("outside", HOME + "01", HOME)},
        ),
        (with_first(polygon=box(116, 36, 116.001, 36.00099)), {("gap", HOME, "")}),
    ],
)
def test_each_breach_is_found(cells, faults):
    found = {(kind, code, detail.split("[")[0]) for kind, code, detail in check(cells)}
    assert faults <= found
    assert {kind for kind, *_ in found} - {kind for kind, *_ in faults} <= {"gap", "sequence"}


def test_a_cell_in_two_parts_is_a_warning():
    halves = MultiPolygon([box(116, 36, 116.0005, 36.001), box(116.0005, 36, 116.001, 36.0004)])
    apart = MultiPolygon([halves.geoms[0], translate(halves.geoms[1], xoff=0.0001)])
    found = check_cells([CellShape(HOME + "01", apart)], {}, RULES)
    assert [(f.kind, f.detail, f.is_warning) for f in found if f.kind is FaultKind.PARTS] == [
        (FaultKind.PARTS, "2", True)
    ]


@pytest.mark.parametrize(
    ("side", "kind"),
    [
        (0.00005, FaultKind.SIZE),
        (0.0003, FaultKind.UNUSUAL_SIZE),
        (0.001, None),
        (0.004, FaultKind.UNUSUAL_SIZE),
        (0.01, FaultKind.SIZE),
    ],
    ids=["25 m²", "900 m²", "10 000 m²", "160 000 m²", "1 km²"],
)
def test_a_cell_has_a_sensible_size(side, kind):
    shape = box(116, 36, 116 + side, 36 + side)
    found = [f.kind for f in check_cells([CellShape(HOME + "01", shape)], {HOME: shape}, RULES)]
    assert found == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("width", "faults"), [(4e-9, []), (8e-8, [FaultKind.OVERLAP])], ids=["0.04 m²", "0.8 m²"]
)
def test_an_overlap_counts_from_half_a_square_metre(width, faults):
    wider = box(116, 36, 116.001 + width, 36.001)
    found = check_cells(with_first(polygon=wider), PARENTS, RULES)
    assert [f.kind for f in found] == faults


def test_a_retired_code_is_not_given_again():
    assert check(CELLS, retired=[HOME + "02", HOME + "99"]) == [("reused", HOME + "02", "")]


def test_no_cells_leave_every_community_uncovered():
    assert check([]) == [("gap", HOME, ""), ("gap", NEXT, "")]


def test_letters_in_a_sequence_of_the_2026_profile_break_no_order():
    cell = CellShape("3715020010010A7", SHAPES[0])
    assert check_cells([cell], {HOME: SHAPES[0]}, profile("GBT47678.5-2026")) == []


@pytest.mark.parametrize("kind", FaultKind)
def test_every_kind_of_fault_has_a_sentence(kind):
    facts = {"code": "c", "detail": "d", "area": "1.00"}
    assert "c" in SENTENCES[kind] % facts


def test_a_fault_tells_its_area_in_its_sentence():
    (fault,) = check_cells(CELLS[:2], {HOME: PARENTS[HOME].buffer(0.0001)}, RULES)
    assert fault.message % fault.facts == (
        f"Community {HOME} is not covered by cells on {fault.area_m2:.2f} m²."
    )
    assert fault.area_m2 > 1_000
