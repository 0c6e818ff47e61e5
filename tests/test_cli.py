"""Commands as people type them: answers, and sentences instead of traces."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app import cli, create_app
from app.kernel import migrations
from app.kernel.errors import Refused
from tests.conftest import config_for

SAMPLE = {
    "days": [
        {"date": "2026-11-28", "isOffDay": False, "name": "调休"},
        {"date": "2026-12-01", "isOffDay": True, "name": "假日"},
    ]
}


@pytest.fixture
def run(fresh_database, tmp_path):
    """Return a function that types a command and gives what came back."""
    app = create_app(config_for(fresh_database, tmp_path))
    cli.install(app)
    yield lambda *words: app.test_cli_runner().invoke(args=[str(word) for word in words])
    app.extensions["engine"].dispose()


@pytest.mark.parametrize(
    ("start", "limit", "unit", "due"),
    [
        ("2026-11-23 09:00", 4, "wh", "due 2026-11-23 15:00"),
        ("2026-11-23 16:30", 2, "wh", "due 2026-11-24 08:30"),
        ("2026-11-23 10:00", 1, "wd", "due 2026-11-24 10:00"),
        ("2026-10-01 10:00", 1, "wh", "due 2026-10-08 09:00"),
        ("2026-11-28 23:30", 2, "uwh", "due 2026-11-29 01:30"),
        ("2026-11-30 09:15", 3, "nd", "due 2026-12-03 09:15"),
        ("2026-11-23T01:00:00+00:00", 4, "wh", "due 2026-11-23 15:00"),
    ],
)
def test_deadline_prints_the_instant_first_and_the_way_there(run, start, limit, unit, due):
    found = run("deadline", "--start", start, "--limit", limit, "--unit", unit)
    assert (found.exit_code, found.output.splitlines()[0]) == (0, due)
    assert "→" in found.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--start", "tomorrow", "--limit", 1, "--unit", "wh"), "tomorrow"),
        (("--start", "2026-11-23 09:00", "--limit", 1, "--unit", "weeks"), "weeks"),
        (("--start", "2026-11-23 09:00", "--limit", -1, "--unit", "wh"), "limit"),
        (("--start", "2026-11-23 09:00", "--limit", "nan", "--unit", "wh"), "limit"),
        (("--start", "2026-11-23 09:00", "--limit", 1, "--unit", "wh", "--calendar", "x"), "x"),
    ],
)
def test_a_deadline_that_makes_no_sense_is_refused_in_a_sentence(run, words, says):
    found = run("deadline", *words)
    assert found.exit_code == 1
    assert says in found.output
    assert "Traceback" not in found.output


def test_holidays_make_a_new_calendar_that_deadlines_then_follow(run, tmp_path):
    file = tmp_path / "days.json"
    file.write_text(json.dumps(SAMPLE), encoding="utf-8")
    assert run("import-holidays", file, "--calendar", "works").output.startswith("2 days stored")
    asked = ("deadline", "--limit", 4, "--unit", "wh", "--calendar", "works")
    found = run(*asked, "--start", "2026-11-27 17:00")
    assert found.output.splitlines()[0] == "due 2026-11-28 11:00"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"days": [{"date": "x"}]}', "\udcff"])
def test_a_broken_holiday_file_is_refused_and_stores_nothing(run, tmp_path, content):
    file = tmp_path / "days.json"
    file.write_text(content, encoding="utf-8", errors="surrogateescape")
    found = run("import-holidays", file, "--calendar", "broken")
    assert found.exit_code == 1
    assert "Traceback" not in found.output
    assert run("deadline", "--start", "2026-11-23", "--limit", 1, "--unit", "wh",
               "--calendar", "broken").exit_code == 1  # fmt: skip


def test_the_real_announcements_give_the_known_numbers_of_working_days(run, app):
    folder = Path(__file__).parent.parent.parent / "shared" / "data" / "holidays"
    if not folder.is_dir():
        pytest.skip("../shared/data is absent: the holiday files are not here to read")
    for year in range(2018, 2028):
        assert run("import-holidays", folder / f"holiday-cn-{year}.json").exit_code == 0
    found = run("deadline", "--start", "2025-12-31 17:59", "--limit", 248 * 8, "--unit", "wh")
    assert found.output.splitlines()[0] == "due 2026-12-31 17:59"


def test_a_server_that_may_forget_is_refused(fresh_database):
    engine = create_engine(fresh_database, connect_args={"options": "-c synchronous_commit=off"})
    with pytest.raises(Refused, match="may lose cases"):
        migrations.check_durable(engine)
    engine.dispose()


def test_reconcile_is_silent_on_an_honest_house(run):
    found = run("reconcile")
    assert (found.exit_code, found.stdout) == (0, "0 differences\n")
    assert "a journal has a gap" in found.stderr


def test_a_day_of_the_journal_is_exported_once_it_is_over(run):
    assert '"steps": 0' in run("export-journal", "--day", "2026-01-05").output
    assert '"again": true' in run("export-journal", "--day", "2026-01-05").output
    assert "once it is over" in run("export-journal", "--day", "2200-01-05").output
    assert "no day" in run("export-journal", "--day", "soon").output


def test_a_role_that_does_not_exist_is_granted_nothing(run):
    assert run("grant-app", "nobody_is_called_this").exit_code != 0


def test_translations_and_migrations_are_complete(run):
    assert run("check-translations").output == ""
    assert run("check-migrations").output == ""


def test_the_demo_is_not_built_into_a_city_that_is_in_use(run):
    assert run("seed-demo", "--if-empty").exit_code == 0
    assert "in use" in run("seed-demo").output


def test_a_city_writes_its_case_numbers_in_its_own_way(run, app):
    done = run("number-pattern", "CJT214-2007", "{day}-{kind}-{serial:05d}")
    assert done.exit_code == 0, done.output
    assert "20260101-E0102-00017" in done.output
    refused = run("number-pattern", "CJT214-2007", "{day}{serial}")
    assert refused.exit_code == 1
    assert "{kind}{day}{serial:04d}" in refused.output
    assert run("number-pattern", "nothing", "{kind}{day}{serial}").exit_code == 1
    with app.extensions["sessions"].begin() as session:
        session.execute(text("DELETE FROM number_patterns"))
