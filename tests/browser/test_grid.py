"""An administrator edits the grid, undoes, checks; beats, zones and areas follow."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import house
from tests.browser.conftest import DEVICE, PATIENCE_MS
from tests.browser.watch import Watch
from tests.city import PASSWORD, SOUTH, STEP, WEST
from tests.conftest import clone

COMMUNITY = "379901001001"
FIRST, SECOND = f"{COMMUNITY}01", f"{COMMUNITY}02"


@pytest.fixture(scope="module")
def address(
    chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return the address of a server with a worker, on a database of its own."""
    for database in clone(template):
        with house.running(database, tmp_path_factory.mktemp("grid")) as found:
            yield found


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Return the page of the grid, opened by the administrator on one community."""
    watch = Watch(address)
    context = browser.new_context(
        base_url=address, viewport={"width": 1366, "height": 768}, **DEVICE
    )
    context.set_default_timeout(PATIENCE_MS)
    watch.refusals |= {409, 422}
    form = {"username": "admin", "password": PASSWORD}
    assert context.request.post("/login", form=form).ok
    watch.over(context)
    found = context.new_page()
    found.goto("/admin/places")
    found.fill("#tree-find", "第1社区")
    found.get_by_role("button", name=f"澄湖第1社区 {COMMUNITY}").click()
    expect(found.locator("#cells input").first).to_be_visible()
    yield found
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


def choose(page: Page, *codes: str) -> None:
    if page.locator("#chosen-clear").is_visible():
        page.click("#chosen-clear")
    for code in codes:
        page.get_by_label(f"选择单元网格 {code}").check()


def told(page: Page, words: str) -> None:
    expect(page.locator("#told")).to_contain_text(words)


def codes(page: Page) -> list[str]:
    return page.locator("#cells .code").all_inner_texts()


def gone(page: Page, code: str) -> None:
    expect(page.get_by_label(f"选择单元网格 {code}")).to_have_count(0)


def zoomed_to(page: Page, code: str) -> None:
    """Show a cell and wait until its shape may be clicked."""
    page.get_by_label(f"在地图上显示 {code}", exact=True).click()
    page.wait_for_function("() => document.querySelector('wm-map').map?.loaded()")
    page.wait_for_function(
        "() => document.querySelector('wm-map').map.querySourceFeatures('edit').length > 0"
    )


def pixel(page: Page, x: float, y: float) -> tuple[float, float]:
    """Return where on the screen the place ``x``, ``y`` steps from the corner is."""
    place = [WEST + x * STEP, SOUTH + y * STEP]
    at: dict[str, float] = page.evaluate(
        "place => document.querySelector('wm-map').map.project(place)", place
    )
    box: Any = page.locator("wm-map .map-box").bounding_box()
    return box["x"] + at["x"], box["y"] + at["y"]


def test_a_border_is_edited_undone_and_the_check_is_clean(page: Page) -> None:
    before = codes(page)
    zoomed_to(page, SECOND)
    page.mouse.click(*pixel(page, 0.5, 1.5))
    expect(page.get_by_label(f"选择单元网格 {SECOND}")).to_be_checked()

    # A vertex in the middle is dragged: four cells change together.
    page.click("#do-move")
    start, end = pixel(page, 1, 2), pixel(page, 1.25, 2.2)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 9, start[1] - 9, steps=3)
    page.mouse.move(*end, steps=3)
    page.mouse.up()
    told(page, "已移动：4 个网格变更")
    gone(page, SECOND)

    page.keyboard.press("u")
    told(page, "已撤销：恢复 4 个网格")
    expect(page.locator("#cells .code")).to_have_text(before)

    page.click("#tab-check")
    page.click("#do-check")
    expect(page.locator("#check-told")).to_contain_text("错误")


def test_a_cell_is_cut_by_keyboard_alone_and_its_halves_are_merged(page: Page) -> None:
    page.get_by_label(f"选择单元网格 {FIRST}").focus()
    page.keyboard.press("Space")
    page.keyboard.press("s")
    page.keyboard.type(f"{WEST - 0.0001}, {SOUTH + 0.0005}\n{WEST + 0.0011}, {SOUTH + 0.0005}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    told(page, "已分割为 2 个新网格")
    expect(page.locator("#chosen-count")).to_have_text("已选 2 个")
    page.keyboard.press("m")
    told(page, "已合并为")
    gone(page, FIRST)


def test_whoever_is_slower_is_told_and_sees_the_present_grid(page: Page) -> None:
    one, two = codes(page)[:2]
    choose(page, one, two)
    other = page.context.new_page()
    other.goto("/admin/places")
    csrf = other.locator("meta[name=csrf]").get_attribute("content") or ""
    other.close()
    first = page.context.request.post(
        "/api/v1/cells/edits",
        data={"verb": "renumber", "community": COMMUNITY},
        headers={"X-CSRF-Token": csrf},
    )
    assert first.status == 201
    page.keyboard.press("m")
    told(page, "刚被他人变更")
    gone(page, one)


def test_a_line_that_cuts_nothing_says_what_to_do(page: Page) -> None:
    choose(page, codes(page)[0])
    page.click("#do-split")
    page.fill("#split-line", "118.9, 36.9\n118.95, 36.9")
    page.get_by_role("button", name="沿线分割").click()
    told(page, "没有把任何所选单元网格分成两块")
    page.fill("#split-line", "not a place")
    page.get_by_role("button", name="沿线分割").click()
    told(page, "每行写一个点")


def test_beats_are_balanced_by_a_button_and_shown_with_their_inspectors(page: Page) -> None:
    page.fill("#tree-find", "澄湖区")
    page.get_by_role("button", name="澄湖区 379901").click()
    page.click("#tab-beats")
    page.fill("#balance-count", "4")
    page.click("#do-balance")
    told(page, "4 个责任网格")
    expect(page.locator("#beats li")).to_have_count(4)
    page.get_by_role("button", name="379901-001").click()
    page.select_option("#people", label="测试inspector")
    page.get_by_role("button", name="保存监督员").click()
    expect(page.locator("#beats li").first).to_contain_text("测试inspector")


def test_a_zone_is_made_of_what_is_chosen_and_filters_the_work_bench(page: Page) -> None:
    page.click("#tab-zones")
    page.fill("#zone-name", "高新区")
    page.click("#zone-add")
    expect(page.locator("#zone-members")).to_have_value(COMMUNITY)
    page.get_by_role("button", name="保存功能区").click()
    told(page, "Z379901")
    expect(page.locator("#zones li")).to_contain_text("高新区")
    page.goto("/desk")
    expect(page.locator("select[name=district] option", has_text="高新区")).to_have_count(1)


def test_a_drawn_area_that_crosses_itself_is_repaired_only_as_a_preview(page: Page) -> None:
    page.click("#tab-areas")
    page.fill("#area-line", "118.2, 36.6\n118.21, 36.61\n118.21, 36.6\n118.2, 36.61")
    expect(page.locator("#do-area")).to_be_disabled()
    page.click("#do-preview")
    expect(page.locator("#area-told")).to_contain_text("保存之前不会写入")
    page.fill("#area-line", "118.2, 36.6\n118.203, 36.6\n118.203, 36.604\n118.2, 36.604")
    page.click("#do-preview")
    expect(page.locator("#area-told")).to_contain_text("区域有效")
    page.click("#do-area")
    told(page, f"已保存 {COMMUNITY} 的区域")


def test_an_area_is_divided_with_progress_and_a_report(page: Page) -> None:
    page.click("#tab-areas")
    page.fill("#make-target", "20000")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#do-make")
    told(page, "个单元网格")
    expect(page.locator("#make-job .job-state")).to_have_text("已完成")
    page.click("#tab-check")
    expect(page.locator("#check-told")).to_contain_text("没有错误")


def test_a_tree_is_imported_and_what_was_put_aside_can_be_downloaded(page: Page) -> None:
    page.click("#tab-areas")
    rows = "code,name,level,parent_code\n379901002,新街道,4,379901\n3799,,2,37\n"
    file: Any = {"name": "tree.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.set_input_files("#import-form input[type=file]", file)
    expect(page.locator("#import-form input[name=upload]")).not_to_have_value("")
    page.get_by_role("button", name="导入文件").click()
    expect(page.locator("#import-told")).to_contain_text("保存 1 行，未导入 1 行")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载未导入的行及原因").click()
    assert "缺少代码、名称或级别" in download.value.path().read_text(encoding="utf-8-sig")


def test_every_way_of_working_on_the_grid_fits_a_phone(page_of: Callable[..., Page]) -> None:
    phone = page_of("admin", "/admin/places", 360, 740)
    for name in ("check", "beats", "zones", "areas", "cells"):
        phone.click(f"#tab-{name}")
        over = phone.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, name
