"""Another code profile and back: nothing is lost, nothing is called by two names."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from app.catalogue.queries import handbook
from app.kernel.db import make_engine
from app.kernel.errors import Refused
from app.places import grids
from app.places.cells import called_today
from app.places.queries import city_profile
from gis.check import FaultKind
from grid_codes.profiles import PROFILES, split_part
from seed_data.standard.switch import switch

OLD, MIDDLE, NEW = (p.name for p in PROFILES)
PARTS = """
INSERT INTO parts (code, kind, name, owner, geom)
SELECT '379901' || substr(k, 2) || lpad(n::text, 6, '0'), k, 'x', 'SZ',
       ST_SetSRID(ST_MakePoint(118.2 + n * 0.00001, 36.6), 4490)
FROM unnest(ARRAY['C0104', 'C0117', 'C0306', 'C0307', 'C0405', 'C0201']) k, generate_series(1, 5) n;
INSERT INTO part_serials (division, kind, last)
SELECT '379901', k, 5
FROM unnest(ARRAY['C0104', 'C0117', 'C0306', 'C0307', 'C0405', 'C0201']) k;
INSERT INTO cases (flow_id, source, kind, part_code, description, address, cell, state, stage,
    reporter_id, reported_at, steps, place)
SELECT (SELECT max(id) FROM flows), '01', k, c, '', '', '37990100100101', 'reported', 'collect', 1,
       now(), 1, ST_SetSRID(ST_MakePoint(118.2, 36.6), 4490)
FROM (VALUES ('C0104', '3799010104000002'), ('C0306', '3799010306000001'), ('E0101', NULL),
             ('E0199', NULL)) v (k, c)
"""
SEEN = {
    "cells": "SELECT code, grade, beat_id FROM cells WHERE ended_on IS NULL ORDER BY code",
    "beats": "SELECT shift_id, cell, beat_id FROM beat_cells ORDER BY 1, 2",
    "parts": "SELECT code, kind, ST_AsText(geom) FROM parts ORDER BY 3, 1",
    "cases": "SELECT id, kind, part_code FROM cases ORDER BY id",
    "kinds": "SELECT to_jsonb(k)::text FROM kinds k ORDER BY id",
    "conditions": 'SELECT id, kind, text, "limit" FROM conditions ORDER BY id',
    "routes": "SELECT kind, area, department FROM routes ORDER BY 1, 2",
    "serials": "SELECT kind, last FROM part_serials WHERE last > 1 ORDER BY division, kind",
}


@pytest.fixture
def city(fresh_database):
    """Return sessions on a city of its own with parts of kinds that are hard to convert."""
    engine = make_engine(fresh_database, pool=2)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        session.execute(text(PARTS))
    yield sessions
    engine.dispose()


def seen(sessions):
    with sessions() as session:
        return {name: session.execute(text(ask)).all() for name, ask in SEEN.items()}


def go(sessions, target, **how):
    with sessions.begin() as session:
        return switch(session, target, **how)


@pytest.mark.parametrize(
    "way", [(MIDDLE, OLD), (NEW, OLD), (MIDDLE, NEW, OLD), (NEW, MIDDLE, NEW, OLD)], ids=" ".join
)
def test_the_way_back_restores_every_code(city, way):
    before = seen(city)
    for target in way:
        go(city, target)
    after = seen(city)
    for name in SEEN:
        assert after[name] == before[name], name


@pytest.mark.parametrize("target", [MIDDLE, NEW])
def test_every_part_has_a_code_of_the_new_profile_that_tells_its_kind(city, target):
    go(city, target)
    with city() as session:
        rules = city_profile(session)
        assert rules.name == target
        book = handbook(session)
        for code, kind in session.execute(text("SELECT code, kind FROM parts")):
            sections = split_part(rules, code)
            assert kind == f"C{sections.big}{sections.small}"
            assert kind in book.kinds
        lost = "SELECT count(*) FROM cases WHERE part_code NOT IN (SELECT code FROM parts)"
        assert session.execute(text(lost)).scalar_one() == 0


@pytest.mark.parametrize("target", [MIDDLE, NEW])
def test_cells_follow_the_profile_and_are_sound_there(city, target):
    go(city, target)
    with city.begin() as session:
        rules = city_profile(session)
        count, faults = grids.check(session, "3799", rules)
        kinds = {f.kind for f in faults if not f.is_warning}
        assert (count, kinds & {FaultKind.CODE, FaultKind.REUSED, FaultKind.SEQUENCE}) == (
            48,
            set(),
        )
        assert {len(c) for c in session.scalars(text("SELECT cell FROM beat_cells"))} == {15}


def test_a_case_of_before_is_found_by_the_code_of_today(city):
    go(city, NEW)
    with city() as session:
        found = session.execute(
            text(f"SELECT count(*) FROM cases c WHERE {called_today('c.cell', 'c.place')}"),
            {"cell": "379901001001001"},
        ).scalar_one()
    assert found == 4


def test_the_history_of_a_part_follows_it(city):
    with city.begin() as session:
        session.execute(
            text(
                "INSERT INTO part_steps (part, position, actor_id, action, reason, changes, photos)"
                " VALUES ('3799010306000002', 2, 1, 'edit', 'x', '{}', '[]')"
            )
        )
    go(city, NEW)
    with city() as session:
        told = "SELECT p.kind FROM part_steps s JOIN parts p ON p.code = s.part"
        assert session.execute(text(told)).scalars().all() == ["C03006"]
    go(city, OLD)
    with city() as session:
        assert session.execute(text("SELECT part FROM part_steps")).scalars().all() == [
            "3799010306000002"
        ]


def test_a_community_with_more_cells_than_numbers_is_refused_and_nothing_changes(city):
    go(city, MIDDLE)
    with city.begin() as session:
        session.execute(
            text(
                "INSERT INTO cells (code, community, area_m2, geom) SELECT '379901001001' ||"
                " lpad(n::text, 3, '0'), '379901001001', 1, ST_MakeEnvelope(118.3 + n * 0.001,"
                " 36.6, 118.301 + n * 0.001, 36.601, 4490) FROM generate_series(13, 120) n"
            )
        )
    before = seen(city)
    with pytest.raises(Refused, match="Merge some first"):
        go(city, OLD)
    assert seen(city) == before


def test_the_report_names_what_has_no_counterpart_and_what_has_several(city):
    report = go(city, MIDDLE)
    assert {move.old for move in report.without} >= {"C0405"}
    assert "C0117" in {move.old for move in report.ambiguous}
    assert any("no counterpart: C0405" in line and "(5 parts)" in line for line in report.lines())


def test_parts_that_came_under_the_new_profile_are_kept_on_the_way_back(city):
    go(city, MIDDLE)
    with city.begin() as session:
        session.execute(
            text(
                "INSERT INTO parts (code, kind, name, geom) VALUES ('3799010104000006', 'C0104',"
                " 'new', ST_SetSRID(ST_MakePoint(118.21, 36.6), 4490)), ('3799010132000001',"
                " 'C0132', 'new', ST_SetSRID(ST_MakePoint(118.22, 36.6), 4490))"
            )
        )
    go(city, OLD)
    with city() as session:
        kinds = session.execute(
            text("SELECT kind, code FROM parts WHERE name = 'new' ORDER BY code")
        ).all()
    assert [kind for kind, _ in kinds] == ["C0104", "C0117"]
    assert kinds[0].code == "3799010104000006"
    assert kinds[1].code not in {f"37990101170{n:05d}" for n in range(1, 6)}


def test_a_dry_run_tells_and_changes_nothing(city):
    before = seen(city)
    report = go(city, NEW, dry=True)
    assert report.lines()
    assert seen(city) == before


def test_the_profile_that_runs_already_is_refused(city):
    with pytest.raises(Refused, match="already"):
        go(city, OLD)


def test_routes_speak_of_the_new_kinds(city):
    go(city, MIDDLE)
    with city() as session:
        routes = {(r.kind, r.area): r.department for r in handbook(session).routes}
    assert routes["", ""] == "SZ"
    assert "HW" in routes.values()
    assert all(kind == "" or kind[0] in "CE" for kind, _ in routes)
