"""The figures of the counts: a month from nothing, shown again, kept current, a year by cell."""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.evaluation import marks, measures
from app.kernel.clock import now
from benchmarks import databases

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
YEAR, NEXT = date(2025, 1, 1), date(2026, 1, 1)
SOME = 200
"""Cases that get a step while the counts are kept current."""
MONTH = text(
    "SELECT id FROM cases WHERE filed_at < '2025-07-01 00:00+08'"
    " AND closed_at >= '2025-06-01 00:00+08' ORDER BY id"
)
TOUCH = text(
    "INSERT INTO outbox (topic, subject_id, area, department)"
    " SELECT 'case', id, '', NULL FROM cases WHERE id > :first ORDER BY id LIMIT :some"
)
LATER = text("UPDATE cases SET closed_at = closed_at + interval '1 day' WHERE id = ANY(:ids)")


def main(sizes: Sequence[int]) -> int:
    """Measure at each of ``sizes`` (cases of a year, ten steps each), print lines, return 0."""
    city = databases.make_city()
    try:
        for cases in sizes:
            _measure(city, cases)
    finally:
        databases.drop(city)
    return 0


def _measure(city: str, cases: int) -> None:
    name = databases.create(f"{databases.PREFIX}evaluation", template=city)
    engine = databases.engine_of(name)
    sessions = sessionmaker(engine)
    _, made = _timed(lambda: _fill(sessions, cases))
    databases.settle(engine)
    _say(cases, "the year made", made, None)
    try:
        _figures(sessions, cases)
    finally:
        engine.dispose()
        databases.drop(name)


def _fill(sessions: sessionmaker[Session], cases: int) -> None:
    """Store the year; the journal is not chained here, which would take ten times as long."""
    with sessions.begin() as session, databases.without_indexes(session, "cases"):
        session.execute(text(databases.statement("evaluation_cases")), {"cases": cases})
    steps = text(databases.statement("evaluation_steps"))
    with sessions.begin() as session:
        session.execute(text("ALTER TABLE case_steps DISABLE TRIGGER chained"))
        for first in range(1, cases + 1, 100_000):
            session.execute(steps, {"first": first, "last": first + 99_999})


def _figures(sessions: sessionmaker[Session], cases: int) -> None:
    _, first = _timed(lambda: _month(sessions))
    _say(cases, "a month from nothing", first, 10)
    with sessions() as session:
        _, again = _timed(lambda: measures.measured(session, "departments", JUNE, JULY))
        _say(cases, "a month of 60 departments again", again, 0.1)
    counted, whole = _timed(lambda: marks.count_whole(sessions))
    _say(cases, f"the whole of {counted} cases", whole, None)
    _say(cases, f"kept current, {SOME} cases with a step", _current(sessions), 5)
    with sessions() as session:
        found, year = _timed(lambda: measures.measured(session, "cells", YEAR, NEXT))
        _say(cases, f"a year of {sum(len(t) > 2 for t in found.values())} cells", year, 15)
        _, bodies = _timed(lambda: measures.measured(session, "departments", YEAR, NEXT))
        _say(cases, "a year of 60 departments", bodies, None)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{cases:>9} cases  memory of this process {most:.0f} MiB (goal 500)\n")


def _month(sessions: sessionmaker[Session]) -> dict[str, dict[str, int]]:
    with sessions.begin() as session:
        ids = session.scalars(MONTH).all()
    for first in range(0, len(ids), marks.MANY):
        with sessions.begin() as session:
            marks.refresh(session, ids[first : first + marks.MANY], at=now())
    with sessions() as session:
        return measures.measured(session, "departments", JUNE, JULY)


def _current(sessions: sessionmaker[Session]) -> float:
    """Return how many seconds one look takes after ``SOME`` cases were closed a day later."""
    with sessions.begin() as session:
        ids = session.scalars(marks.NEXT, {"after": 50_000, "most": SOME}).all()
        session.execute(LATER, {"ids": list(ids)})
        session.execute(TOUCH, {"first": 50_000, "some": SOME})
        session.execute(text("SELECT publish_feed(500)"))
    with sessions.begin() as session:
        looked, seconds = _timed(lambda: marks.keep_current(session, at=now()))
    if looked != SOME:
        raise RuntimeError(f"looked at {looked} cases, not {SOME}")
    return seconds


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def _say(cases: int, what: str, seconds: float, goal: float | None) -> None:
    wanted = "" if goal is None else f"  (goal {goal} s)"
    sys.stdout.write(f"{cases:>9} cases  {what}: {seconds:.2f} s{wanted}\n")
    sys.stdout.flush()
