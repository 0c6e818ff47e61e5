"""What counts when: the same cases counted by SQL and by a slow, plain reading of the rules."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import text

from app.evaluation import queries
from app.kernel.clock import CITY_TIME

BEGIN, END = (datetime(2031, month, 1, tzinfo=CITY_TIME) for month in (5, 6))
AT = datetime(2031, 5, 20, 12, tzinfo=CITY_TIME)
STORE = text(
    "INSERT INTO cases (flow_id, source, kind, description, address, cell, place, state, stage,"
    " department, reported_at, filed_at, handled_at, handle_due_at, close_due_at, closed_at,"
    " rework_count, steps) SELECT max(id), '01', 'E0102', '', '', '37990100100101',"
    " ST_SetSRID(ST_MakePoint(118.2005, 36.6005), 4490), :state, 'handle', :department, :filed_at,"
    " :filed_at, :handled_at, :handle_due_at, :close_due_at, :closed_at, :rework_count, 1"
    " FROM flows"
)


def made_up(random):
    filed = BEGIN + timedelta(hours=random.uniform(-400, 700))
    due = filed + timedelta(hours=random.uniform(1, 120))
    handled = filed + timedelta(hours=random.uniform(1, 160)) if random.random() < 0.8 else None
    closed = (
        handled + timedelta(hours=random.uniform(0, 30))
        if handled and random.random() < 0.9
        else None
    )
    handled = handled if handled and handled <= AT else None
    closed = closed if closed and closed <= AT else None
    limited = random.random() < 0.9
    state = "void" if random.random() < 0.05 else "closed" if closed else "handling"
    return {
        "state": state, "department": random.choice(["HW", "YL"]), "filed_at": filed,
        "handle_due_at": due if limited else None,
        "close_due_at": due + timedelta(hours=24) if limited else None, "handled_at": handled,
        "closed_at": closed, "rework_count": random.choice([0, 0, 0, 1, 2]),
    }  # fmt: skip


def reached(deadline, done):
    """Return when a case enters the set of what was due: when done, or at its deadline."""
    if deadline is None:
        return None
    return min(deadline, done) if done else deadline if deadline <= AT else None


def plainly(cases, department):
    """Count as standards §7.1 says, one case after the other."""
    found = dict.fromkeys(queries.INDICATORS, 0)
    for c in cases:
        if c["department"] != department or c["state"] == "void":
            continue
        found["inst_num"] += BEGIN <= c["filed_at"] < END
        dispose = reached(c["handle_due_at"], c["handled_at"])
        if dispose and BEGIN <= dispose < END:
            found["dispose_need_num"] += 1
            found["dispose_num"] += c["handled_at"] is not None
            found["dispose_intime_num"] += bool(
                c["handled_at"] and c["handled_at"] <= c["handle_due_at"]
            )
            found["rework_num"] += c["rework_count"]
        archive = reached(c["close_due_at"], c["closed_at"])
        if archive and BEGIN <= archive < END:
            found["archive_need_num"] += 1
            found["archive_num"] += c["closed_at"] is not None
            found["archive_intime_num"] += bool(
                c["closed_at"] and c["closed_at"] <= c["close_due_at"]
            )
    return found


def test_sql_counts_what_the_rules_say_and_lists_exactly_those_cases(sessions):
    cases = [made_up(Random(seed)) for seed in range(600)]
    with sessions() as session:
        session.execute(STORE, cases)
        rows = {r.object: r for r in queries.department_facts(session, BEGIN, END, at=AT)}
        for department in ("HW", "YL"):
            expected = plainly(cases, department)
            counted = {n: getattr(rows[department], n) for n in queries.INDICATORS}
            assert counted == expected
            listed = {
                n: len(queries.behind(session, department, n, begin=BEGIN, end=END, at=AT))
                for n in queries.INDICATORS
            }
            assert listed == expected
        session.rollback()
