"""The announced holidays of every year there is a file of, imported by the command."""

import json
from datetime import date, timedelta

import pytest

from app import cli
from app.catalogue.queries import handbook
from tests.importing import DATA

FOLDER = DATA / "holidays"
YEARS = sorted(int(path.stem[-4:]) for path in FOLDER.glob("holiday-cn-[0-9]*.json"))


@pytest.fixture(scope="module", autouse=True)
def commands(app):
    cli.install(app)


@pytest.mark.parametrize("year", YEARS)
def test_each_day_of_a_year_is_worked_as_its_file_says(app, year):
    path = FOLDER / f"holiday-cn-{year}.json"
    told = json.loads(path.read_text(encoding="utf-8"))["days"]
    said = app.test_cli_runner().invoke(args=["import-holidays", str(path)])
    assert said.exit_code == 0, said.output
    assert said.output.startswith(f"{len(told)} days stored in calendar default")
    named = {date.fromisoformat(one["date"]): one["isOffDay"] for one in told}
    with app.extensions["sessions"]() as session:
        calendar = handbook(session).calendar()
    for day, off in named.items():
        assert calendar.is_working(day) is not off
    if named:
        first = date(year, 3, 1)
        rest = (first + timedelta(days=n) for n in range(31))
        assert all(calendar.is_working(d) == (d.weekday() < 5) for d in rest if d not in named)


def test_a_year_that_is_not_announced_is_said_to_be_so(app):
    runner = app.test_cli_runner()
    said = runner.invoke(args=["import-holidays", str(FOLDER / "holiday-cn-2027.json")])
    assert "not announced" in said.output
