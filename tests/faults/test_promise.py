"""The promise under fire, in small; ``make faults`` does it a thousand times."""

from tests.faults.harness import Plan, run
from tests.faults.points import POINTS


def test_workers_that_die_at_any_point_lose_nothing_and_double_nothing():
    outcome = run(Plan(kills=45, chance=0.03))
    assert outcome.points.total() >= 45
    assert len(outcome.points) >= 6, outcome.points
    assert set(outcome.points) <= set(POINTS)
    assert (outcome.lost, outcome.doubled, outcome.differences) == ([], 0, [])
    assert outcome.faults == []
    assert outcome.cases > 20


def test_a_power_cut_of_the_database_loses_nothing():
    outcome = run(Plan(power=3))
    assert (outcome.lost, outcome.doubled, outcome.differences) == ([], 0, [])
    assert outcome.faults == []
    assert outcome.cases > 20


def test_the_harness_notices_when_acknowledged_cases_are_lost():
    assert run(Plan(power=3, careless=True)).lost
