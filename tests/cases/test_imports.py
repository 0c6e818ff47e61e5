"""The history of cases from a table: what becomes of each row, and what is refused."""

import pytest

from app.cases.reconcile import differences
from tests.importing import aside, ask, counted, house, run

HEADER = "id,open,due,closed,type,dept,lon,lat,via"
MAPPING = """
system = "old"
default_point = [118.2001, 36.6001]
zone = "Asia/Shanghai"
[columns]
external_id = "id"
reported_at = "open"
due_at = "due"
closed_at = "closed"
kind = "type"
department = "dept"
lon = "lon"
lat = "lat"
source = "via"
[kinds]
litter = "E0102"
tree = "C0402"
[departments]
"1" = { code = "OLD1", name = "旧部门" }
[sources]
phone = "02"
"""
CLOSED = "2020-01-02 09:00,2020-01-03 09:00,2020-01-03 08:00,litter,1,118.2005,36.6005,phone"


@pytest.fixture(scope="module")
def app(template, tmp_path_factory):
    yield from house(template, tmp_path_factory.mktemp("data"))


@pytest.fixture
def cases(app, tmp_path):
    """Return a function that imports lines under a mapping."""

    def imported(*lines, mapping=MAPPING):
        file, told = tmp_path / "c.csv", tmp_path / "m.toml"
        file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
        told.write_text(mapping, encoding="utf-8")
        return run(app, "import-cases", file, "--map", told)

    return imported


def test_a_closed_case_is_stored_with_number_times_cell_and_one_line_of_journal(app, cases):
    assert counted(cases(f"A1,{CLOSED}")[1]) == (1, 1, 0)
    ((case_id, number, state, cell, source, department, handled, due, closed),) = ask(
        app,
        "SELECT id, number, state, cell, source, department, handled_at = closed_at,"
        " handle_due_at = close_due_at, closed_at = '2020-01-03 08:00+08' FROM cases"
        " WHERE external_id = 'A1'",
    )
    assert (number, state, cell) == ("E0102202001020001", "closed", "37990100100101")
    assert (source, department, handled, due, closed) == ("02", "OLD1", True, True, True)
    steps = ask(
        app, "SELECT action, source, target, bulk FROM case_steps WHERE case_id = :id", id=case_id
    )
    assert steps == [("import", "", "closed", True)]


def test_an_open_case_has_a_clock_that_is_not_announced_as_late_again(app, cases):
    cases("A2,2020-01-02 09:00,2020-01-03 09:00,,tree,1,118.2005,36.6005,")
    found = ask(
        app,
        "SELECT state, clock_limit, clock_unit, due_at = overdue_marked_at, source FROM cases"
        " WHERE external_id = 'A2'",
    )
    assert found == [("handling", 24.0, "uwh", True, "99")]


def test_numbers_of_a_day_go_on_where_the_counter_stands(app, cases):
    lines = [f"B{n},2020-02-02 09:00,,,litter,1,118.2005,36.6005," for n in range(3)]
    cases(*lines[:2])
    cases(*lines)
    numbers = ask(app, "SELECT number FROM cases WHERE external_id LIKE 'B_' ORDER BY external_id")
    assert numbers == [("E0102202002020001",), ("E0102202002020002",), ("E0102202002020003",)]


def test_a_second_import_stores_nothing_new(app, cases):
    cases(f"C1,{CLOSED}")
    before = ask(app, "SELECT count(*) FROM cases")
    _, output = cases(f"C1,{CLOSED}")
    assert counted(output) == (1, 0, 0)
    assert "1 cases were imported before" in output
    assert ask(app, "SELECT count(*) FROM cases") == before


@pytest.mark.parametrize("place", [",", "0,0", "118.2001,36.6001"])
def test_a_case_without_a_place_lies_on_the_default_point_and_is_reported(cases, place):
    line = f"D{place},2020-01-02 09:00,,,litter,1,{place},"
    _, output = cases(line.replace(f"D{place}", f"D{len(place)}"))
    assert counted(output)[1:] == (1, 0)
    assert "1 cases have no position" in output


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f",{CLOSED}", "no identifier"),
        (f"X1,{CLOSED}", "given already, in row 1"),
        ("X2,,,,litter,1,118.2,36.6,", "does not say when"),
        ("X3,yesterday,,,litter,1,118.2,36.6,", "“yesterday” is no "),
        ("X4,2020-01-02,31/12/2020,,litter,1,118.2,36.6,", "due_at: “31/12/2020”"),
        ("X5,0001-01-01,,,litter,1,118.2,36.6,", "the year 1 cannot be"),
        ("X6,2999-01-01,,,litter,1,118.2,36.6,", "the year 2999 cannot be"),
        ("X7,2190-01-01,,,litter,1,118.2,36.6,", "in the future"),
        ("X8,2020-01-02,,2020-01-01,litter,1,118.2,36.6,", "ended before"),
        ("X9,2020-01-02,,,noise,1,118.2,36.6,", "no kind for “noise”"),
        ("X10,2020-01-02,,,litter,2,118.2,36.6,", "no department for “2”"),
        ("X11,2020-01-02,,,litter,1,36.6,118.2,", "swapped"),
        ("X12,2020-01-02,,,litter,1,x,118.2,", "not a number"),
        ("X13,2020-01-02", "has 2 fields"),
    ],
)
def test_a_bad_row_is_put_aside_with_its_reason(cases, row, reason):
    code, output = cases(f"X1,{CLOSED}", row)
    assert code == 0
    assert counted(output)[2] == 1
    assert reason in aside(output)[2]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("litter =", "rubbish ="), None),
        (('"E0102"', '"E9999"'), "no kind “E9999”"),
        (('"02"', '"77"'), "no source “77”"),
        (('zone = "Asia/Shanghai"', 'zone = "Asia/Atlantis"'), "no time zone “Asia/Atlantis”"),
        (('external_id = "id"', ""), "“columns.external_id”"),
        (('reported_at = "open"', 'reported_at = "begun"'), "no column “begun”"),
        (('due_at = "due"', 'due = "due"'), "“columns.due” that means nothing"),
        (('{ code = "OLD1", name = "旧部门" }', '"OLD1"'), "must say code and name"),
        (('"OLD1"', '"OLD2"'), "called “旧部门” already"),
        (("[118.2001, 36.6001]", "[118.2001]"), "must be two numbers"),
        (("[kinds]", '[states]\nclosed = "done"\n[kinds]'), "no state “done”"),
    ],
)
def test_a_wrong_mapping_is_one_sentence_and_changes_nothing(app, cases, change, sentence):
    cases(f"E0,{CLOSED}")
    before = ask(app, "SELECT count(*) FROM cases"), ask(app, "SELECT count(*) FROM departments")
    code, output = cases(f"E1,{CLOSED}", mapping=MAPPING.replace(*change))
    after = ask(app, "SELECT count(*) FROM cases"), ask(app, "SELECT count(*) FROM departments")
    assert code == (0 if sentence is None else 1)
    assert sentence is None or sentence in output
    assert after == before


def test_journals_and_summaries_agree_after_an_import(app, cases):
    cases(f"F1,{CLOSED}", "F2,2020-01-02 09:00,,,tree,,118.2005,36.6005,")
    with app.extensions["sessions"].begin() as session:
        found = differences(session, app.config["FILES"])
    assert [line for line in found if line["what"] != "the feed has a gap"] == []
