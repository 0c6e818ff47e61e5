"""Basic indicators as the contract gives them, from the marks of cases."""

from datetime import date, datetime, timedelta

from sqlalchemy import text

from app.evaluation import marks, measures
from app.kernel.clock import CITY_TIME

MAY, JUNE = date(2031, 5, 1), date(2031, 6, 1)
AT = datetime(2031, 5, 20, 12, tzinfo=CITY_TIME)
STORE = text(
    "INSERT INTO cases (flow_id, source, kind, description, address, cell, place, state, stage,"
    " department, reported_at, filed_at, handled_at, handle_due_at, close_due_at, closed_at, steps)"
    " SELECT max(id), '01', 'E0102', '', '', '37990100100101',"
    " ST_SetSRID(ST_MakePoint(118.2005, 36.6005), 4490), 'closed', 'close', 'HW', :t, :t, :t, :t,"
    " :t, :t, 1 FROM flows RETURNING id"
)


def test_a_closed_case_counts_for_its_department_and_its_areas(sessions):
    with sessions() as session:
        one = session.execute(STORE, {"t": AT - timedelta(days=1)}).scalar_one()
        marks.refresh(session, [one], at=AT)
        found = measures.measured(session, "departments", MAY, JUNE)
        assert found["HW"] == {
            "inst_num": 1, "dispose_need_num": 1, "dispose_num": 1, "dispose_intime_num": 1,
            "archive_need_num": 1, "archive_num": 1, "archive_intime_num": 1,
        }  # fmt: skip
        assert found["YL"] == {}
        for objects, code in (("districts", "379901"), ("communities", "379901001001"),
                              ("cells", "37990100100101")):  # fmt: skip
            of_place = measures.measured(session, objects, MAY, JUNE)[code]
            assert (of_place["inst_num"], of_place["archive_intime_num"]) == (1, 1)
            assert of_place["grade"] == 2
            assert measures.behind(session, objects, code, "inst_num", MAY, JUNE) == [one]
        assert measures.behind(session, "departments", "HW", "dispose_num", MAY, JUNE) == [one]
        told = measures.spread(session, "departments", None, MAY, JUNE)
        assert told["kinds"][0][0] == "E0102"
        assert (sum(told["hours"]), told["sources"]) == (1, [["01", "Inspector", 1]])
        for part in ({"kind": "E0102"}, {"source": "01"}, {"hour": 12}, {}):
            assert measures.spread_behind(session, "departments", MAY, JUNE, **part) == [one]
        for part in ({"kind": "E0103"}, {"source": "02"}, {"hour": 11}):
            assert measures.spread_behind(session, "departments", MAY, JUNE, **part) == []
        session.rollback()


def test_an_urgent_case_counts_again_once_it_is_closed_and_in_time(sessions):
    limit = text("SELECT min(id) FROM conditions WHERE unit = 'uwh'")
    with sessions() as session:
        urgent = session.execute(limit).scalar_one()
        ids = [session.execute(STORE, {"t": AT - timedelta(days=1)}).scalar_one() for _ in range(3)]
        changed = "UPDATE cases SET condition_id = :condition WHERE id = ANY(:ids)"
        session.execute(text(changed), {"condition": urgent, "ids": ids})
        late = "UPDATE cases SET close_due_at = closed_at - interval '1 h' WHERE id = :id"
        session.execute(text(late), {"id": ids[0]})
        opened = "UPDATE cases SET closed_at = NULL WHERE id = :id"
        session.execute(text(opened), {"id": ids[1]})
        marks.refresh(session, ids, at=AT)
        found = measures.measured(session, "departments", MAY, JUNE)["HW"]
        told = ("urgent_num", "urgent_archive_num", "urgent_archive_intime_num")
        assert [found[name] for name in told] == [3, 2, 1]
        session.rollback()
