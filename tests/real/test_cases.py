"""Half a year of Boston's service requests against the city's own flag for being on time."""

import csv
import lzma

import pytest
from sqlalchemy import text

from app.cases.reconcile import differences
from tests.importing import DATA, MAPPINGS, ask, counted, run

FILE = DATA / "cases" / "boston_311_2011H2.csv.xz"
IMPORT = ("import-cases", FILE, "--map", MAPPINGS / "boston_311.toml")


@pytest.fixture(scope="module")
def imported(app):
    return run(app, *IMPORT)


def test_all_58251_requests_are_stored_and_4775_without_a_place_are_reported(app, imported):
    code, output = imported
    assert (code, counted(output)) == (0, (58_251, 58_251, 0))
    assert "4775 cases have no position" in output
    found = ask(app, "SELECT count(*), count(closed_at), count(number), count(cell) FROM cases")
    assert found == [(58_251, 54_570, 58_251, 0)]


def test_on_time_as_we_count_it_is_the_citys_own_flag_of_every_row(app, imported):
    with lzma.open(FILE, "rt", encoding="utf-8") as stream:
        flags = {row["case_enquiry_id"]: row["ontime"] for row in csv.DictReader(stream)}
    late = dict(
        ask(
            app,
            "SELECT external_id, coalesce(handle_due_at < coalesce(handled_at, now()), false)"
            " FROM cases",
        )
    )
    flagged = {key: flag == "OVERDUE" for key, flag in flags.items() if flag}
    assert len(flagged) == 58_251 - 158
    assert {key: late[key] for key in flagged} == flagged


def test_journals_and_summaries_agree(app, imported):
    with app.extensions["sessions"].begin() as session:
        assert differences(session, app.config["FILES"]) == []


def test_numbers_run_without_gaps_in_every_kind_and_day(app, imported):
    gaps = ask(
        app,
        "SELECT kind, left(right(number, -5), 8), count(*) FROM cases"
        " GROUP BY 1, 2 HAVING max(right(number, -13)::int) <> count(*)",
    )
    assert gaps == []
    assert ask(app, "SELECT sum(last) FROM case_counters") == [(58_251,)]


def test_a_second_import_stores_nothing(app, imported):
    _, output = run(app, *IMPORT)
    assert counted(output) == (58_251, 0, 0)


def test_a_case_that_is_open_can_be_read_with_its_clock(app, imported):
    with app.extensions["readers"]() as session:
        clocks = session.execute(
            text(
                "SELECT count(*), count(*) FILTER (WHERE clock_limit > 0 AND clock_unit = 'uwh'"
                "  AND amber_at <= due_at AND overdue_marked_at = due_at) FROM cases"
                " WHERE due_at IS NOT NULL"
            )
        ).one()
    assert clocks[0] == clocks[1] > 3_000
