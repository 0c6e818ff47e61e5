"""Every list, map and sweep finds its rows by an index, also when there are many rows."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from app import create_app
from app.cases import upkeep
from app.cases.tasks import service as tasks
from app.notices import escalation
from app.notices import service as notices
from app.reports import queries as reports
from benchmarks.databases import statement
from tests import city
from tests.conftest import clone, config_for
from tests.watching import watching

BIG = (
    *("cases", "case_steps", "parts", "cells", "layer_features", "base_features"),
    *("photos", "case_photos", "tasks", "track_points", "case_orders", "notices", "feed"),
)
UID = UUID("00000000-0000-4000-8000-000000000001")
ROWS = """
INSERT INTO cells (code, community, area_m2, geom)
SELECT '3799030010' || lpad(n::text, 4, '0'), '379903001001', 10000,
       ST_MakeEnvelope(119 + n % 100 * 0.001, 36 + n / 100 * 0.001,
                       119 + (n % 100 + 1) * 0.001, 36 + (n / 100 + 1) * 0.001, 4490)
FROM generate_series(0, 9999) n;
INSERT INTO parts (code, kind, name, cell, external_id, geom)
SELECT '379903' || substr(k.id, 2) || lpad(n::text, 6, '0'), k.id, k.name, NULL,
       'LD-' || k.id || '-' || n,
       ST_SetSRID(ST_MakePoint(119 + n * 7 % 1000 * 0.0001, 36 + n * 13 % 997 * 0.0001), 4490)
FROM generate_series(1, 200) n, (SELECT id, name FROM kinds WHERE family = 'part') k;
INSERT INTO cases (uid, flow_id, source, kind, description, address, cell, place, department, state,
    stage, reporter_id, reported_at, closed_at, clock_at, clock_limit, clock_unit,
    amber_at, due_at, steps)
SELECT CASE WHEN n = 1 THEN CAST(:uid AS uuid) ELSE gen_random_uuid() END,
       (SELECT max(id) FROM flows), '01', (ARRAY['E0101', 'E0201', 'E0301'])[1 + n % 3],
       '第' || n || '件', '', '379903001' || lpad((n % 10000)::text, 5, '0'),
       ST_SetSRID(ST_MakePoint(119 + n * 7 % 1000 * 0.0001, 36 + n * 13 % 997 * 0.0001), 4490),
       CASE WHEN n % 500 = 0 THEN 'YL' ELSE 'HW' END,
       CASE WHEN n % 20 = 0 THEN 'handling' ELSE 'closed' END,
       CASE WHEN n % 20 = 0 THEN 'handle' ELSE 'close' END, 1, now() - n * interval '1 minute',
       CASE WHEN n % 20 > 0 THEN now() END, now(), 8, 'uwh', now() - interval '2 hours',
       now() + interval '1 hour' * (CASE WHEN n % 400 = 0 THEN -1 ELSE 24 END), 1
FROM generate_series(1, 30000) n;
INSERT INTO layers (name, title) VALUES ('planned', '图层');
INSERT INTO layer_versions (layer_id, file) SELECT id, 'x' FROM layers WHERE name = 'planned';
UPDATE layers SET version_id = (SELECT max(id) FROM layer_versions) WHERE name = 'planned';
INSERT INTO layer_features (version_id, row, geom)
SELECT (SELECT max(id) FROM layer_versions), n,
       ST_SetSRID(ST_MakePoint(119 + n * 7 % 1000 * 0.0001, 36 + n * 13 % 997 * 0.0001), 4490)
FROM generate_series(1, 30000) n;
INSERT INTO base_features (layer, cls, name, geom)
SELECT (ARRAY['road', 'building', 'poi'])[1 + n % 3], 'street', '名',
       ST_Buffer(ST_SetSRID(ST_MakePoint(119 + n * 7 % 1000 * 0.0001,
                                         36 + n * 13 % 997 * 0.0001), 4490), 0.00003, 1)
FROM generate_series(1, 30000) n;
INSERT INTO case_steps (case_id, position, action, source, target, actor_id, post, answers, at)
SELECT id, 1, 'report', '', 'reported', 1, 'inspector', '{}', reported_at FROM cases
ORDER BY id LIMIT 3000;
INSERT INTO case_orders (case_id, giver_id, words, limit_value, limit_unit, weight, department,
    state, given_at, clock_at, amber_at, due_at)
SELECT id, 1, 'x', 1, 'wd', 1, 'HW', CASE WHEN id % 300 = 0 THEN 'open' ELSE 'ended' END,
       now(), now(), now() + interval '1 hour' * (id % 48 - 24), now() + interval '1 day'
FROM cases ORDER BY id LIMIT 20000;
INSERT INTO notices (reader_id, cause, kind, words, read_at)
SELECT n % 50, 'step:' || n, 'urge', 'x', CASE WHEN n % 40 > 0 THEN now() END
FROM generate_series(1, 30000) n;
INSERT INTO feed (seq, topic, subject_id, area, at)
SELECT n, 'case', 0, '', now() FROM generate_series(1, 10000) n;
UPDATE notice_cursor SET seq = 9990;
INSERT INTO photos (sha256, original_sha256, bytes, width, height, uploader_id, look, edges, at)
SELECT n::text, n::text, 1, 1, 1, 1 + n % 9, ('x' || substr(md5(n::text), 1, 16))::bit(64)::bigint,
       n, now() - n * interval '1 minute' FROM generate_series(1, 30000) n;
INSERT INTO case_photos (case_id, position, photo_id)
SELECT (SELECT min(id) FROM cases WHERE uid = CAST(:uid AS uuid)) + row_number() OVER () / 5, 1, id
FROM photos ORDER BY at DESC LIMIT 14000;
INSERT INTO tasks (case_id, purpose, person_id, cell, place, given_by, given_at, due_at, way,
    escalated_at, answered_at, ended_at, outcome)
SELECT c.id, 'verify', 1 + c.id % 9, c.cell, c.place, 1, c.reported_at,
       c.reported_at + interval '30 minutes', 'by hand',
       CASE WHEN c.id % 400 = 0 THEN now() END,
       CASE WHEN c.id % 200 > 0 THEN c.reported_at END,
       CASE WHEN c.id % 200 > 0 THEN c.reported_at END,
       CASE WHEN c.id % 200 > 0 THEN 'passed' END
FROM cases c ORDER BY c.id LIMIT 20000;
INSERT INTO track_points (person_id, at, place, accuracy_m)
SELECT 1 + n % 9, now() - n * interval '1 minute', ST_SetSRID(ST_MakePoint(119.03, 36.03), 4490), 8
FROM generate_series(1, 30000) n
"""
ASKED = [
    (
        "states, category and box",
        "/api/v1/cases?state=dispatched,handling&category=01&bbox=119.02,36.02,119.03,36.03",
        {"ix_cases_(open_place|place3857)"},
    ),
    ("the newest", "/api/v1/cases", {"pk_cases"}),
    ("the overdue", "/api/v1/cases?due=overdue", {"ix_cases_open_due"}),
    ("a small department", "/api/v1/cases?department=YL", {"ix_cases_department"}),
    ("words", "/api/v1/cases?q=第4321件", {"ix_cases_words"}),
    (
        "a box with closed ones",
        "/api/v1/cases?bbox=119.02,36.02,119.021,36.021",
        {"ix_cases_place3857"},
    ),
    (
        "one case",
        f"/api/v1/cases/{UID}",
        {"uq_cases_uid", "uq_case_steps_case_id_position"},
    ),
    (
        "perhaps the same",
        "/api/v1/duplicates?kind=E0101&lon=119.0303&lat=36.0303",
        {"ix_cases_place3857"},
    ),
    ("a point", "/api/v1/locate?lon=119.0303&lat=36.0303", {"ix_cells_geom", "ix_parts_geom"}),
    ("parts in a box", "/api/v1/parts?bbox=119.02,36.02,119.021,36.021", {"ix_parts_geom"}),
    ("cases by today's cell", "/api/v1/cases?cell=37990300100042", {"ix_cases_cell"}),
    ("parts by today's cell", "/api/v1/parts?cell=37990300100042", {"ix_parts_geom"}),
    ("cases of a zone", "/api/v1/cases?district=Z379901", {"pk_cases"}),
    ("cells of a division", "/api/v1/cells?within=379903001", {"pk_cells"}),
    ("one cell", "/api/v1/cells/37990300100042", {"pk_cells", "pk_cell_lineage"}),
    ("shapes to edit", "/api/v1/cells/shapes?bbox=119.02,36.02,119.03,36.03", {"ix_cells_geom"}),
    ("parts of a kind", "/api/v1/parts?kind=0103&limit=5", {"ix_parts_kind_code"}),
    ("parts of a state", "/api/v1/parts?state=lost", {"ix_parts_state_code"}),
    ("parts of an import", "/api/v1/parts?import=7", {"ix_parts_import_code"}),
    ("parts by the start of their code", "/api/v1/parts?q=37990301030000", {"pk_parts"}),
    ("parts by words", "/api/v1/parts?q=油井", {"ix_parts_words", "ix_parts_number"}),
    ("parts by their own number", "/api/v1/parts?q=LD-4711", {"ix_parts_number"}),
    ("parts by the number on a pole", "/api/v1/geocode?q=杆号LD-4711", {"ix_parts_number"}),
    ("parts of a district", "/api/v1/parts?district=379903&limit=5", {"pk_parts"}),
    (
        "the nearest of a kind",
        "/api/v1/parts?near=119.05,36.05&kind=0103",
        {"ix_parts_kind_centre"},
    ),
    ("one part", "/api/v1/parts/3799030103000001", {"pk_parts"}),
    ("a tile of parts", "/tiles/parts/16/54431/25735.mvt", {"ix_parts_geom3857"}),
    ("a tile of cells", "/tiles/cells/16/54431/25735.mvt", {"ix_cells_geom3857"}),
    ("a tile of cases", "/tiles/cases/16/54431/25735.mvt", {"ix_cases_open_place"}),
    (
        "a tile of the base map and cells",
        "/tiles/base,cells/16/54431/25735.mvt",
        {"ix_base_features_geom3857", "ix_cells_geom3857"},
    ),
    (
        "a tile of a city's own layer",
        "/tiles/planned/16/54431/25735.mvt",
        {"ix_layer_features_geom3857"},
    ),
    ("a page of all parts for others", "/ogc/collections/parts/items?limit=50", {"pk_parts"}),
    (
        "parts in a box for others",
        "/ogc/collections/parts/items?bbox=119.02,36.02,119.021,36.021",
        {"ix_parts_geom"},
    ),
    (
        "cells in a box for others",
        "/ogc/collections/cells/items?bbox=119.02,36.02,119.021,36.021",
        {"ix_cells_geom"},
    ),
    ("orders", "/api/v1/orders?state=open", {"pk_case_orders|ix_case_orders_open"}),
    ("cases under supervision", "/api/v1/cases?mine=orders", {"ix_case_orders_running"}),
    ("unread notices", "/api/v1/notices?unread=true", {"ix_notices_unread"}),
    ("tasks that went up", "/api/v1/tasks?state=escalated", {"ix_tasks_escalated"}),
    ("own open tasks", "/api/v1/tasks?mine=true&state=open", {"ix_tasks_open_person_id"}),
    ("the newest tasks", "/api/v1/tasks", {"pk_tasks"}),
    ("who verified whom", "/api/v1/tasks/pairs?days=1", {"ix_tasks_verified"}),
    ("a track", "/api/v1/tracks/1", {"pk_track_points"}),
    (
        "the evidence of a case",
        f"/api/v1/cases/{UID}",
        {"ix_photos_look", "ix_case_photos_photo_id", "pk_case_photos", "pk_track_points"},
    ),
    ("one case for others", "/ogc/collections/cases/items/1", {"uq_cases_number"}),
]


@pytest.fixture(scope="module")
def app(template, tmp_path_factory):
    """Return the application on a database with enough rows that a wrong plan shows."""
    for address in clone(template):
        found = create_app(config_for(address, tmp_path_factory.mktemp("plans")))
        engine = found.extensions["engine"]
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = '60s'"))
            connection.execute(text(ROWS), {"uid": str(UID)})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = '60s'"))
            connection.execute(text(f"VACUUM (ANALYZE) {', '.join(BIG)}"))
        yield found
        engine.dispose()


@pytest.fixture
def plans(app) -> Iterator[list[str]]:
    """Return the plans of the statements that are carried out from now on.

    A statement that is kept planned shows the plan for any values, the one that stays.
    """
    found: list[str] = []

    def explain(connection, asked, given):
        with connection.cursor() as beside:
            beside.execute("SET plan_cache_mode = force_generic_plan")
            beside.execute(f"EXPLAIN {asked}", given)
            found.append("\n".join(line for (line,) in beside.fetchall()))

    with watching(app.extensions["engine"], explain):
        yield found


def scanned(found: list[str]) -> list[str]:
    """Return the big tables that some plan reads from end to end."""
    every = "\n".join(found)
    return [name for name in BIG if f"Seq Scan on {name} " in every]


@pytest.mark.parametrize(("path", "indexes"), [a[1:] for a in ASKED], ids=[a[0] for a in ASKED])
def test_a_read_takes_the_index_that_is_meant_for_it(app, plans, path, indexes):
    reader = city.Program(app, "leader1")
    plans.clear()
    reply = reader.client.get(path, headers=reader.headers)
    assert reply.status_code == (404 if path.endswith("/cases/items/1") else 200), reply.text
    every = "\n".join(plans)
    assert scanned(plans) == []
    assert {name for name in indexes if re.search(rf" {name} ", every)} == indexes, every


def test_the_sweep_of_deadlines_reads_only_what_is_due(app, plans):
    with app.extensions["sessions"].begin() as session:
        assert upkeep.mark_due(session, at=datetime.now(UTC)) == 75
    assert "ix_cases_open_due" in "\n".join(plans)
    assert scanned(plans) == []


def test_the_sweep_of_tasks_reads_only_what_is_late(app, plans):
    with app.extensions["sessions"].begin() as session:
        assert tasks.go_up(session, at=datetime.now(UTC)) == 50
    assert "ix_tasks_open_due_at" in "\n".join(plans)
    assert scanned(plans) == []


def test_the_nearest_of_a_kind_are_found_in_the_index_of_kinds(app, plans):
    with app.extensions["readers"]() as session:
        here = {"kind": "C0103", "lon": 119.05, "lat": 36.05}
        assert len(session.execute(text(statement("nearest_of_kind")), here).all()) == 5
    assert "ix_parts_kind_centre" in "\n".join(plans)
    assert scanned(plans) == []


def test_a_missing_index_would_be_noticed(app, plans):
    with app.extensions["readers"]() as session:
        session.execute(text("SELECT count(*) FROM parts WHERE name = 'nowhere'")).all()
    assert scanned(plans) == ["parts"]


def test_the_ladder_reads_only_what_has_come_due(app, plans):
    rung = {"rung": 1, "subject": "case", "state": "", "after_value": 0.5, "after_unit": "nd",
            "reader": "post", "who": "leader", "channel": "app"}  # fmt: skip
    actor = city.Program(app, "admin")
    for since in ("due", "amber"):
        body = rung | {"since": since}
        assert actor.post("/api/v1/escalation-rules", body).status_code == 201
    plans.clear()
    with app.extensions["sessions"].begin() as session:
        escalation.climb(session, at=datetime.now(UTC))
    every = "\n".join(plans)
    for index in ("ix_cases_open_due", "ix_cases_open_amber", "ix_case_orders_open"):
        assert index in every, every
    assert scanned(plans) == [], every


def test_telling_people_reads_only_the_feeds_next_lines(app, plans):
    with app.extensions["sessions"].begin() as session:
        notices.spread(session)
    assert re.search(r"pk_feed on .*\n *Index Cond: \(seq > ", "\n".join(plans))
    assert scanned(plans) == [], "\n".join(plans)


def test_a_sheets_surroundings_come_from_the_index_of_places(app, plans):
    with app.extensions["readers"]() as session:
        case = session.execute(text("SELECT id FROM cases WHERE uid = :uid"), {"uid": UID}).scalar()
        reports.surroundings(session, case, 190.0)
    assert {"ix_base_features_geom3857", "ix_cells_geom3857"} <= set(
        re.findall(r"ix_\w+", "\n".join(plans))
    )
    assert scanned(plans) == []
