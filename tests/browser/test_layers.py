"""An administrator brings a survey in, looks at its quality, styles it, publishes it."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import sessionmaker

from app import jobs
from app.kernel import queue
from app.kernel.db import make_engine
from tests.browser import house
from tests.browser.conftest import PATIENCE_MS
from tests.browser.watch import Watch
from tests.city import SOUTH, WEST
from tests.conftest import clone, config_for
from tests.importing import DATA
from tests.layers.working import collection, polygon, square

BOW = [[WEST, SOUTH], [WEST + 4e-4, SOUTH + 4e-4], [WEST + 4e-4, SOUTH], [WEST, SOUTH + 4e-4],
       [WEST, SOUTH]]  # fmt: skip
PARKS = collection(
    square(WEST + 1e-3, SOUTH + 1e-3, 8e-4, kind="park", name="柳园"),
    square(WEST + 3e-3, SOUTH + 1e-3, 8e-4, kind="square", name="东广场"),
    polygon(BOW, kind="park", name="领结"),
)
LUJIAZUI = DATA / "basemap"
SHEETS = {"roads": "road", "buildings": "building", "water": "water", "landuse": "green",
          "pois": "poi", "places": "place"}  # fmt: skip


@pytest.fixture(scope="module")
def origin(chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server of this story's own, whose worker is ``work``."""
    for database in clone(template):
        data = tmp_path_factory.mktemp("layers")
        origin_of["work"] = partial(work, database, data)
        with house.running(database, data) as address:
            yield address


origin_of: dict[str, Callable[[], None]] = {}


def work(database: str, data: Path) -> None:
    """Do what waits in the background, as the worker would."""
    engine = make_engine(database, pool=4)
    sessions = sessionmaker(engine)
    doers = jobs.handlers(sessions, config_for(database, data))
    while queue.run_one(sessions, doers):
        pass
    engine.dispose()


@pytest.fixture(scope="module")
def signed_in(browser, origin):  # type: ignore[no-untyped-def]
    """Return cookies of this story's own server."""

    def cookies(username: str):  # type: ignore[no-untyped-def]
        context = browser.new_context(base_url=origin)
        form = {"username": username, "password": "Correct-horse-9"}
        assert context.request.post("/login", form=form).ok
        state = context.storage_state()
        context.close()
        return state

    return cookies


def submitted(page: Page, button: str) -> None:
    """Press a button that starts a job, do the job, and wait until the page shows its end."""
    page.click(button)
    expect(page.locator("wm-job").first).to_be_visible()
    with page.expect_navigation(timeout=PATIENCE_MS):
        origin_of["work"]()
    page.wait_for_load_state("load")


def test_a_survey_becomes_a_published_layer_with_a_legend_on_the_desk(
    page_of: Callable[..., Page], watch: Watch, tmp_path: Path
) -> None:
    file = tmp_path / "parks.geojson"
    file.write_bytes(PARKS)
    page = page_of("admin", "/admin/layers")
    page.fill("#create #title", "公园")
    page.fill("#create #name", "parks")
    page.click("#create button")
    page.wait_for_url("**/admin/layers/parks")
    page.set_input_files("wm-upload input[type=file]", file)
    expect(page.locator("wm-upload p")).to_contain_text("已收到")
    submitted(page, "#import button.btn-primary")

    expect(page.locator(".version")).to_contain_text("▲ 1")
    page.click(".repairs [data-look]")
    with page.expect_navigation():
        page.click(".repairs li >> text=采用修复 >> nth=0")
    with page.expect_navigation():
        page.click("[data-publish]")
    expect(page.locator(".version .chip")).to_contain_text("已发布")

    page.fill("#field", "kind")
    page.click("#class-fill")
    expect(page.locator("#classes li")).to_have_count(2)
    page.fill("#classes li:first-child input >> nth=2", "公园绿地")
    with page.expect_navigation():
        page.click("#style button.btn-primary")

    desk = page_of("leader1", "/desk")
    desk.click(".map-layers summary")
    desk.check(".map-layers >> text=公园")
    expect(desk.locator(".map-layers .legend >> text=公园绿地")).to_be_visible()
    desk.reload()
    desk.click(".map-layers summary")
    expect(desk.locator(".map-layers").get_by_label("公园")).to_be_checked()


def test_a_page_that_is_out_of_date_says_so_and_changes_nothing(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals = {409}
    first, second = (page_of("admin", "/admin/layers/beats") for _ in range(2))
    for page, name in ((first, "一号"), (second, "二号")):
        page.fill("#f-source", name)
    with first.expect_navigation():
        first.click("#about button")
    second.click("#about button")
    expect(second.locator("#told")).to_contain_text("其间有人改动了该图层")
    expect(second.locator("#f-source")).to_have_value("二号")


def test_the_style_editor_warns_of_a_colour_too_faint_to_see(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    page = page_of("admin", "/admin/layers/beats")
    expect(page.locator("#contrast")).to_contain_text("✓")
    page.fill("#style [name=color]", "#eeeeee")
    expect(page.locator("#contrast")).to_contain_text("▲")


@pytest.mark.skipif(not LUJIAZUI.exists(), reason="The real data is not beside the checkout.")
def test_the_files_of_lujiazui_become_a_base_map_that_can_be_taken_back(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    page = page_of("admin", "/admin/layers")
    for n, name in enumerate(SHEETS):
        page.set_input_files(
            "wm-upload input[type=file]", LUJIAZUI / f"shanghai_lujiazui_{name}.geojson.gz"
        )
        expect(page.locator("#sheets li")).to_have_count(n + 1)
    chosen = page.locator("#sheets select")
    assert [one.input_value() for one in chosen.all()] == list(SHEETS.values())
    page.fill("#source", "陆家嘴")
    submitted(page, "#import-base button.btn-primary")
    expect(page.locator("section >> text=陆家嘴").first).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.click("[data-undo]")
    expect(page.locator(".chip.void")).to_have_text("已撤回")
