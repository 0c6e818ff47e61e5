"""Every figure against the plain reading of the rules, whatever the order of arrival."""

from collections import Counter
from datetime import date, timedelta
from random import Random

from sqlalchemy import text

from app.evaluation import marks, measures, patrolled, proof
from app.evaluation.indicators import CODES, INDICATORS, SIDES
from app.kernel.clock import local
from tests.evaluation.journals import AT, BEGIN, made_up, plainly, store

MAY, JUNE = date(2031, 5, 1), date(2031, 6, 1)
SIDE_NAMES = {number: name for name, number in SIDES.items()}
WHO = text("SELECT post, array_agg(id ORDER BY id) AS ids FROM people GROUP BY post")
DAILY = text(
    "SELECT side, object, day, indicator, n FROM tallies"
    " WHERE n <> 0 AND day >= '2031-01-01'"  # what other tests left is older
)


def people(session):
    return {row.post: row.ids for row in session.execute(WHO)}


def tallied(session):
    found = Counter()
    for row in session.execute(DAILY):
        found[SIDE_NAMES[row.side], row.object, row.day, CODES[row.indicator]] = row.n
    return found


def rolled(expected):
    """Return the expected counts with those of cells moved to the areas they lie in."""
    found = Counter()
    for (side, object, day, name), n in expected.items():
        if side != "cell":
            found[side, object, day, name] += n
            continue
        for area, length in (("district", 6), ("street", 9), ("community", 12)):
            found[area, object[:length], day, name] += n
    return found


def test_every_figure_is_what_a_plain_reading_counts_and_lists_exactly_its_cases(sessions):
    with sessions() as session:
        posts = people(session)
        made = [made_up(Random(seed), posts) for seed in range(900)]
        marks.refresh(session, store(session, made), at=AT)
        expected = plainly(made)
        assert tallied(session) == rolled(expected)
        urgent = {"urgent_num", "urgent_archive_num", "urgent_archive_intime_num"}
        never = {*urgent, *patrolled.COUNTED}
        assert {name for _, _, _, name in expected} == set(INDICATORS) - never
        counted = Counter()
        for (side, object, day, name), n in expected.items():
            if MAY <= day < JUNE:
                counted[side, object, name] += n
        for objects in ("departments", "cells", *measures.POSTS):
            _agrees(session, objects, counted)
        session.rollback()


def _agrees(session, objects, counted):
    side = measures.MARKED[objects]
    found = measures.measured(session, objects, MAY, JUNE)
    for (of, object, name), n in counted.items():
        if of == side:
            assert found[object][name] == n, (object, name)
            assert len(measures.behind(session, objects, object, name, MAY, JUNE)) == n
    shown = sum(len(set(told) - {"grids", "grade"}) for told in found.values())
    assert shown == sum(of == side for of, _, _ in counted)


def test_the_order_of_arrival_changes_nothing(sessions):
    with sessions() as session:
        posts = people(session)
        made = [made_up(Random(seed), posts) for seed in range(1_000, 1_150)]
        ids = store(session, made)
        chance = Random(7)
        # Earlier looks, at moments when less was due, must leave no trace.
        for hours in (500, 300, 40):
            some = chance.sample(ids, 60)
            marks.refresh(session, some, at=AT - timedelta(hours=hours))
        chance.shuffle(ids)
        for first in range(0, len(ids), 17):
            marks.refresh(session, ids[first : first + 17], at=AT)
        assert tallied(session) == rolled(plainly(made))
        assert marks.refresh(session, ids, at=AT) == 0
        session.rollback()


def test_a_case_that_nobody_touches_becomes_late_by_itself(sessions):
    with sessions() as session:
        posts = people(session)
        made = [made_up(Random(seed), posts) for seed in range(2_000, 2_060)]
        ids = store(session, made)
        marks.refresh(session, ids, at=BEGIN)
        session.execute(text("UPDATE mark_cursor SET whole_at = now()"))
        marks.keep_current(session, at=AT, most=10)
        assert tallied(session) == rolled(plainly(made))
        left = session.scalars(text("SELECT at FROM mark_clocks ORDER BY at")).all()
        assert all(at > AT for at in left)
        assert local(AT).date() < JUNE
        session.rollback()


def test_reconciling_finds_a_mark_and_a_tally_that_were_changed(sessions):
    with sessions() as session:
        made = [made_up(Random(seed), people(session)) for seed in range(3_000, 3_030)]
        ids = store(session, made)
        marks.refresh(session, ids, at=AT)
        session.execute(text("UPDATE mark_cursor SET whole_at = now(), at = :at"), {"at": AT})
        assert [d for d in proof.walk(session) if d.get("case_id") in ids] == []
        session.execute(text("UPDATE tallies SET n = n + 1 WHERE side = 1 AND indicator = 13"))
        assert {d["what"] for d in proof.walk(session)} == {"a tally is not the sum of its marks"}
        session.execute(text("DELETE FROM marks WHERE case_id = :id"), {"id": ids[0]})
        found = [d["case_id"] for d in proof.walk(session, every=True) if "case_id" in d]
        assert set(found) == {ids[0]}
        session.rollback()
