"""Boston's half year: per department, on time as the city itself flagged it."""

import csv
import lzma
from collections import Counter
from datetime import date

import pytest
from sqlalchemy import text

from app.evaluation import marks, measures
from app.kernel import mappings
from tests.importing import DATA, MAPPINGS, counted, run

FILE = DATA / "cases" / "boston_311_2011H2.csv.xz"
MAPPING = MAPPINGS / "boston_311.toml"
BEGIN, END = date(2011, 1, 1), date(2026, 1, 1)


@pytest.fixture(scope="module")
def sessions(app):
    code, output = run(app, "import-cases", FILE, "--map", MAPPING)
    assert (code, counted(output)) == (0, (58_251, 58_251, 0))
    found = app.extensions["sessions"]
    assert marks.count_whole(found) == 58_251
    return found


@pytest.fixture(scope="module")
def flagged():
    """Return the rows with a deadline: code of the department, flag, whether it was closed."""
    with MAPPING.open("rb") as stream:
        codes = {w: d["code"] for w, d in mappings.tomllib.load(stream)["departments"].items()}
    with lzma.open(FILE, "rt", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["target_dt"]]
    return [(codes[row["department"]], row["ontime"], bool(row["closed_dt"])) for row in rows]


def test_each_department_is_in_time_as_often_as_the_city_flagged(sessions, flagged):
    on_time = Counter(code for code, flag, closed in flagged if flag == "ONTIME" and closed)
    late = Counter(code for code, flag, _ in flagged if flag == "OVERDUE")
    blank = Counter(code for code, flag, _ in flagged if not flag)
    with sessions() as session:
        found = measures.measured(session, "departments", BEGIN, END)
        for code in {code for code, _, _ in flagged}:
            figures = Counter(found[code])
            assert figures["archive_intime_num"] == on_time[code], code
            ours = figures["archive_overtime_num"] + figures["overtime_to_archive_num"]
            assert ours - blank[code] <= late[code] <= ours, code
        listed = measures.behind(session, "departments", "PWDX", "dispose_intime_num", BEGIN, END)
        assert len(listed) == found["PWDX"]["dispose_intime_num"]


def test_the_import_asks_for_the_count_by_itself(sessions):
    with sessions() as session:
        asked = text("SELECT count(*) FROM jobs WHERE name = 'count_marks'")
        assert session.execute(asked).scalar_one() == 1
