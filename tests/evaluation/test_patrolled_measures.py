"""What inspectors walked, and what the public found where they did."""

from datetime import date, datetime, timedelta

from sqlalchemy import text

from app.evaluation import measures, patrolled
from app.kernel.clock import CITY_TIME

DAY, NEXT = date(2031, 5, 6), date(2031, 5, 7)
NOON = datetime(2031, 5, 6, 12, tzinfo=CITY_TIME)
WHO = "SELECT id FROM people WHERE username = 'inspector'"
REPORT = text(
    "INSERT INTO cases (flow_id, source, kind, description, address, cell, place, state, stage,"
    " confirmed, reported_at, filed_at, steps) SELECT max(id), :source, 'E0102', '', '', :cell,"
    " ST_SetSRID(ST_MakePoint(118.2005, 36.6005), 4490), :state, 'handle', :confirmed, :at, :at, 1"
    " FROM flows RETURNING id"
)
FIX = text(
    "INSERT INTO track_points (person_id, at, place, accuracy_m) VALUES (:person, :at,"
    " ST_SetSRID(ST_MakePoint(:lon, 36.6005), 4490), 5)"
)


def _on_shift(session):
    """Give the inspector the first beat, from 8 to 20, and two positions in two of its cells."""
    person = session.execute(text(WHO)).scalar_one()
    session.execute(text("UPDATE shifts SET begins = '08:00', ends = '20:00' WHERE id = 1"))
    session.execute(
        text("INSERT INTO beat_inspectors SELECT id, :person FROM beats WHERE district = '379901'"),
        {"person": person},
    )
    for minutes, lon in ((0, 118.2005), (5, 118.2005), (10, 118.2015)):
        at = NOON + timedelta(minutes=minutes)
        session.execute(FIX, {"person": person, "at": at, "lon": lon})
    session.execute(FIX, {"person": person, "at": NOON - timedelta(hours=8), "lon": 118.2025})
    return person


def test_cells_walked_are_those_of_the_beat_with_a_position_during_the_shift(sessions):
    with sessions() as session:
        person = str(_on_shift(session))
        for _ in range(2):
            patrolled.record(session, at=NOON + timedelta(hours=1))
        found = measures.measured(session, "inspectors", DAY, NEXT)[person]
        assert found == {"beat_cell_num": 24, "walked_cell_num": 2}
        session.execute(text("DELETE FROM beat_inspectors"))
        patrolled.record(session, at=NOON + timedelta(hours=2))
        assert measures.measured(session, "inspectors", DAY, NEXT)[person] == found
        session.rollback()


def test_missed_is_what_the_public_truly_found_in_the_beat_during_the_shift(sessions):
    with sessions() as session:
        person = str(_on_shift(session))
        patrolled.record(session, at=NOON + timedelta(hours=1))
        told = {"source": "02", "cell": "37990100100101", "state": "handling", "confirmed": True,
                "at": NOON}  # fmt: skip
        one = session.execute(REPORT, told).scalar_one()
        for other in ({"source": "01"}, {"confirmed": False}, {"state": "void"},
                      {"cell": "37990200100101"}, {"at": NOON + timedelta(hours=9)}):  # fmt: skip
            session.execute(REPORT, told | other)
        found = measures.measured(session, "inspectors", DAY, NEXT)[person]
        assert found["miss_report_num"] == 1
        listed = measures.behind(session, "inspectors", person, "miss_report_num", DAY, NEXT)
        assert listed == [one]
        session.rollback()
