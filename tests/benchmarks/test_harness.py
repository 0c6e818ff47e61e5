"""What the harness makes of what it measures."""

import json
from itertools import islice
from random import Random

import pytest

from benchmarks import report, scenarios
from benchmarks.imports import PATH, Imported
from benchmarks.load import Call, Measure, measure_of, middle
from benchmarks.processes import Usage, below, read_stat
from benchmarks.report import Row, table, under, verdict
from benchmarks.scenarios import OURS, Sample


def measure(per_second=100.0, web=2.0, database=1.0, errors=0):
    return Measure(per_second, 5.0, 9.0, web, database, 0.1, errors)


def test_a_process_name_with_blanks_and_brackets_does_not_shift_the_fields():
    line = "7 (a (b) c) S 3 7 7 0 -1 0 0 0 0 0 100 200 30 40 20 0 1"
    assert read_stat(line).parent == 3
    assert read_stat(line).seconds == pytest.approx(370 / report.os.sysconf("SC_CLK_TCK"))


def test_a_tree_holds_grandchildren_but_no_strangers():
    known = {pid: Usage(parent, 0.0) for pid, parent in {1: 0, 2: 1, 3: 2, 4: 9}.items()}
    assert sorted(below(1, known)) == [1, 2, 3]


def test_processor_time_is_charged_to_each_request():
    found = {"requests": 200, "seconds": 2.0, "p50_ms": 1.0, "p95_ms": 2.0, "errors": 3}
    one = measure_of(found, (2.0, 1.0, 0.4, 0.2, 0.1))
    assert (one.per_second, one.web_ms, one.database_ms, one.errors) == (100, 2.0, 1.0, 3)
    assert one.cpu_ms == pytest.approx(3.0)
    assert one.others_cores == pytest.approx(0.15)


def test_one_noisy_run_of_three_does_not_move_the_middle_but_its_errors_count():
    runs = [measure(90.0), measure(100.0), measure(5.0, errors=2)]
    assert (middle(runs).per_second, middle(runs).errors) == (90.0, 2)


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(0.30, "reached"), (0.29, "two thirds"), (0.20, "two thirds"), (0.19, "short")],
)
def test_a_ratio_is_judged_against_what_is_to_be_reached(ratio, said):
    assert verdict(ratio, 0.30) == said


def test_a_time_is_judged_against_its_limit():
    assert [under(value, 15) for value in (15.0, 15.1)] == ["reached", "short"]


def test_errors_take_the_place_of_any_verdict():
    row = report.against_floor("work", measure(errors=4), measure(), 0.5)
    assert row.verdict == "4 errors"
    assert report.against_limit("work", measure(errors=1), 60).verdict == "1 errors"


def test_growth_with_the_rows_is_told_by_processor_time():
    row = report.flat("list", measure(web=2.2), measure(web=2.0), 1.2)
    assert (row.ratio, row.verdict) == ("1.07 ×", "reached")


def test_results_keep_what_was_measured_and_no_path(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    said = PATH.sub("", "read 3, stored 2, quarantined 1 (/srv/data/imports/4-quarantine.csv)")
    measures = {"ours": measure(100.00049), "import": Imported(1.5, 1.0, said)}
    report.store([Row("list", "1")], measures, {"cores": 2}, name="quick")
    kept = json.loads((tmp_path / "results" / "quick.json").read_text())
    assert kept["measures"]["ours"]["per_second"] == 100.0
    assert kept["measures"]["import"]["said"] == "read 3, stored 2, quarantined 1"
    assert kept["table"][0]["work"] == "list"


def test_columns_line_up_under_chinese_too():
    lines = table([Row("上报", "1"), Row("list", "22")]).splitlines()
    assert lines[1].index("1") + 2 == lines[2].index("22")


def test_requests_are_one_line_each_with_the_key_before_the_body():
    assert Call("POST", "/a", "k", '{"b": 1}').line() == 'POST\t/a\tk\t{"b": 1}\n'


KNOWN = Sample(
    told=["u1", "u2"],
    waiting=[("w1", "reported", "1"), ("w2", "accepted", "7")],
    kinds=["0101", "0102"],
    feed=40,
    chance=Random(1),
)


@pytest.mark.parametrize("scenario", OURS, ids=lambda scenario: scenario.name)
def test_every_scenario_makes_requests_the_script_can_read(scenario):
    calls = list(islice(scenario.calls(KNOWN), 2))
    assert calls, scenario.name
    assert all(call.line().count("\t") == 3 and call.line().count("\n") == 1 for call in calls)


def test_each_case_is_acted_on_once_and_as_its_state_asks():
    known = Sample([], [("w1", "reported", "1"), ("w2", "accepted", "7")], [], 0, Random(1))
    bodies = {call.path.split("/")[4]: call.body for call in scenarios.act(known)}
    assert '"accept"' in bodies["w1"]
    assert '"condition": "7"' in bodies["w2"]
    assert len(bodies) == 2
    assert not list(scenarios.act(known))
