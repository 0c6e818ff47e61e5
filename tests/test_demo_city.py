"""The demo city: gapless, peopled, and with a year that the rules decided."""

import json
import stat
from datetime import datetime

import pytest
import shapely
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import sessionmaker

from app.cases import reconcile
from app.kernel import clock, migrations
from app.org.rules import POSTS
from gis.check import CellShape, check_cells
from grid_codes.profiles import profile
from seed_data.demo import load
from seed_data.standard.load import load as load_standard
from tests.conftest import admin_url

PROFILE = "CJT214-2007"
FRIDAY_MORNING = datetime(2026, 11, 20, 10, 30, tzinfo=clock.CITY_TIME)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Return a session on a demo city with a tenth of the cases, and its folder."""
    folder = tmp_path_factory.mktemp("demo")
    with migrations.scratch(make_url(admin_url()).render_as_string(hide_password=False)) as engine:
        migrations.upgrade(engine)
        sessions = sessionmaker(create_engine(engine.url))
        with pytest.MonkeyPatch.context() as patch, sessions.begin() as session:
            patch.setattr(load, "CASES", 2_200)
            load_standard(session, PROFILE)
            loader = load.Loader(session, PROFILE, folder, FRIDAY_MORNING)
            for _, work, _ in loader.steps():
                work()
            load.write_accounts(folder / "accounts.json", loader.accounts)
        with sessions() as session:
            yield session, folder
        sessions.kw["bind"].dispose()


def scalar(demo, ask):
    return demo[0].execute(text(ask)).scalar_one()


def test_more_than_two_thousand_cells_without_gap_or_overlap(demo):
    rows = demo[0].execute(text("SELECT code, ST_AsBinary(geom) AS shape FROM cells")).all()
    areas = demo[0].execute(
        text("SELECT code, ST_AsBinary(geom) AS shape FROM areas WHERE level = 'community'")
    )
    parents = {a.code: shapely.from_wkb(bytes(a.shape)) for a in areas}
    cells = [CellShape(r.code, shapely.from_wkb(bytes(r.shape))) for r in rows]
    faults = [f for f in check_cells(cells, parents, profile(PROFILE)) if not f.is_warning]
    assert len(cells) >= 2_000
    assert faults == []


def test_twenty_thousand_parts_of_forty_kinds_each_in_a_cell_with_an_owner(demo):
    assert scalar(demo, "SELECT count(*) FROM parts") >= 20_000
    assert scalar(demo, "SELECT count(DISTINCT kind) FROM parts") >= 40
    assert scalar(demo, "SELECT count(*) FROM parts WHERE owner IS NULL OR cell IS NULL") == 0
    astray = (
        "SELECT count(*) FROM parts p JOIN cells c ON c.code = p.cell"
        " WHERE NOT ST_Intersects(p.geom, c.geom)"
    )
    assert scalar(demo, astray) == 0


def test_every_post_has_an_account_whose_password_only_its_owner_can_read(demo):
    path = demo[1] / "accounts.json"
    accounts = json.loads(path.read_text())
    assert {a["post"] for a in accounts} == set(POSTS)
    assert len({a["password"] for a in accounts}) == len(accounts)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_year_looks_like_a_real_citys(demo):
    cases = scalar(demo, "SELECT count(*) FROM cases")
    assert cases == 2_200
    old = "filed_at < '2026-10-01'"
    closed = scalar(demo, f"SELECT avg((state = 'closed')::int) FROM cases WHERE {old}")
    assert closed > 0.97
    rates = demo[0].execute(
        text(
            "SELECT avg((handled_at <= handle_due_at)::int) AS intime, count(*) AS n FROM cases"
            " WHERE handled_at IS NOT NULL GROUP BY department HAVING count(*) > 60"
        )
    )
    assert all(0.80 < r.intime <= 1 for r in rates)
    rework = scalar(demo, "SELECT sum(rework_count)::float / count(*) FROM cases")
    assert 0.01 < rework < 0.04


def test_something_waits_on_every_desk(demo):
    waiting = (
        demo[0].scalars(text("SELECT DISTINCT state FROM cases WHERE closed_at IS NULL")).all()
    )
    assert {"dispatched", "handling"} <= set(waiting)
    assert len(waiting) >= 3


def test_the_story_of_every_case_adds_up(demo):
    assert reconcile.differences(demo[0], demo[1] / "files") == []
    unnumbered = "SELECT count(*) FROM cases WHERE filed_at IS NOT NULL AND number IS NULL"
    assert scalar(demo, unnumbered) == 0
